import type { NotificationEvent } from '../../shared/notifications/event.ts';

export interface Mail {
  readonly subject: string;
  readonly text: string;
}

/** Lines of one kind; a mail is to be read. */
const MOST_LINES = 30;

const KINDS = [
  ['integration.error', 'Integrations that fail', 'failing'],
  ['integration.recovered', 'Integrations that have recovered', 'recovered'],
  ['message.set_aside', 'Messages that were set aside', 'messages set aside'],
  ['instance.disconnected', 'Phones that lost their connection', 'phones disconnected'],
] as const;

/** One mail that tells of all of it: sentences first, each with the instance, what to do, and where. */
export function composeMail(events: readonly NotificationEvent[], host: string): Mail {
  const sections = KINDS.flatMap(([type, title, short]) => {
    const told = events.filter((event) => event.type === type);
    if (told.length === 0) return [];
    const more = told.length > MOST_LINES ? [`- and ${told.length - MOST_LINES} more`] : [];
    return [
      { short: `${told.length} ${short}`, text: [`${title}:`, ...told.slice(0, MOST_LINES).map(line), ...more].join('\n') },
    ];
  });
  return {
    subject: `Ponte (${host}): ${sections.map(({ short }) => short).join(', ')}`,
    text: `${sections.map(({ text }) => text).join('\n\n')}\n`,
  };
}

function line({ timestamp, data }: NotificationEvent): string {
  const at = `${timestamp.slice(0, 16).replace('T', ' ')} UTC`;
  if (!('instance' in data)) return `- ${data.message} (${at})`;
  // One line each, whatever the other side has said.
  const message = data.message.replace(/\s+/g, ' ');
  const step = message.includes(data.next_step) ? '' : `\n  What to do: ${data.next_step}`;
  return `- ${data.instance} (${data.account}): ${message} (${at})${step}\n  ${data.link}`;
}
