/** What Chatwoot takes at most, in code points; a longer one is a 422. */

/** Of a message or a note; counted before it is rendered as a template. */
export const CONTENT_LENGTH = 150_000;
/** Of a contact. */
export const NAME_LENGTH = 255;
/** `source_id` of a message: of what Chatwoot takes before 4.9.0; later it takes 20,000. */
export const SOURCE_ID_LENGTH = 255;
/** Chatwoot itself has no limit, but the name becomes part of an address. */
export const FILE_NAME_LENGTH = 255;
