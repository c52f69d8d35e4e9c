const PREFIX = 'ponte:';
/** The API takes no longer `biz_opaque_callback_data`. */
const LENGTH = 512;

/** What goes with a message and comes back with each of its statuses, so that we know our own. */
export function callbackDataOf(source: string | undefined): string | undefined {
  const data = source === undefined ? undefined : `${PREFIX}${source}`;
  return data !== undefined && data.length <= LENGTH ? data : undefined;
}

/** The `source` in such data; undefined where somebody else's system sent the message. */
export const sourceOf = (data: string): string | undefined => (data.startsWith(PREFIX) ? data.slice(PREFIX.length) : undefined);
