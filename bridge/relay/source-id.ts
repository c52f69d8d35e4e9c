const PREFIX = 'WAID:';

/** The `source_id` of a message in Chatwoot that came from WhatsApp. Whatever carries one was posted by us, never by an agent. */
export const messageSourceId = (whatsappId: string): string => `${PREFIX}${whatsappId}`;

/** The id in WhatsApp of a message that we posted into Chatwoot; undefined for one that somebody wrote there. */
export const whatsappIdOf = (sourceId: string | null | undefined): string | undefined =>
  sourceId?.startsWith(PREFIX) ? sourceId.slice(PREFIX.length) : undefined;

/** What we put into `source` when we send through the engine: the echo of that send comes back with it. */
export const OUR_SOURCE = 'chatwoot';
