/** What is another value at every run, and says nothing about Chatwoot: each of these texts is shown by its label. */
export interface Names {
  readonly labels: ReadonlyMap<string, string>;
}

const tokenKeys = new Set(['pubsub_token', 'access_token', 'hmac_token', 'secret', 'inbox_identifier', 'uuid']);
const timeKey = /(_at|_since|^timestamp)$/;
const idKey = /(^id|_id|^in_reply_to)$/;
/** What of a user is the installation's own. */
const personKeys = new Set(['name', 'available_name', 'display_name', 'email', 'avatar_url', 'thumbnail', 'availability_status']);

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const isUser = (value: Record<string, unknown>): boolean => value.type === 'user' || 'available_name' in value;

function normaliseText(text: string, { labels }: Names): string {
  let shown = text;
  for (const [value, label] of labels) shown = shown.replaceAll(value, `<${label}>`);
  return shown
    .replace(/(\/rails\/active_storage\/(?:blobs|disk)\/(?:redirect\/)?)[^/]+\//g, '$1<key>/')
    .replace(/(\/rails\/active_storage\/representations\/redirect\/)[^/]+\/[^/]+\//g, '$1<key>/<variation>/')
    .replace(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, '<uuid>')
    .replace(/^(Conversation was .* by ).*$/, '$1<user>')
    .replace(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, '<time>');
}

function normaliseValue(key: string, value: unknown, names: Names): unknown {
  if (typeof value === 'number') {
    // A zero stands for "never", and no id is one.
    if (value !== 0 && idKey.test(key)) return '<id>';
    return value !== 0 && timeKey.test(key) ? '<time in seconds>' : value;
  }
  if (typeof value === 'string' && tokenKeys.has(key)) return '<token>';
  return normalise(value, names);
}

/** An answer without what differs from run to run, so that those of two Chatwoots can be compared. */
export function normalise(value: unknown, names: Names): unknown {
  if (typeof value === 'string') return normaliseText(value, names);
  if (Array.isArray(value)) return value.map((item) => normalise(item, names));
  if (!isRecord(value)) return value;
  const isPerson = isUser(value);
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      if (isPerson && personKeys.has(key)) return [key, '<of the user>'];
      if (key === 'account' && isRecord(item)) return [key, Object.keys(item).sort()];
      return [key, normaliseValue(key, item, names)];
    }),
  );
}

const MAX_SHOWN = 160;

function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : (JSON.stringify(value) ?? String(value));
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}

/** Where two normalised values differ, a line a place. */
export function differences(here: unknown, simulated: unknown, path = ''): string[] {
  if (isRecord(here) && isRecord(simulated)) {
    const keys = [...new Set([...Object.keys(here), ...Object.keys(simulated)])];
    return keys.flatMap((key) => differences(here[key], simulated[key], path === '' ? key : `${path}.${key}`));
  }
  if (Array.isArray(here) && Array.isArray(simulated) && here.length === simulated.length) {
    return here.flatMap((item, index) => differences(item, simulated[index], `${path}[${index}]`));
  }
  return JSON.stringify(here) === JSON.stringify(simulated) ? [] : [`${path}: ${shown(here)}, simulated ${shown(simulated)}`];
}
