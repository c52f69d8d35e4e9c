/** For each step until a connection to an engine stands. */
export const CONNECT_TIMEOUT_MS = 5_000;
/** How long an engine shows "typing", whatever was asked for. */
export const LONGEST_DELAY_SECONDS = 60;
export const MEBIBYTE = 1_048_576;
/** Chatwoot takes no file as large. */
export const MAX_FILE_BYTES = 64 * MEBIBYTE;
/** An answer with such a file in it as base64, and what stands around it. */
export const MAX_FILE_ANSWER_BYTES = 90 * MEBIBYTE;
