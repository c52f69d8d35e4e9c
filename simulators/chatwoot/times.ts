/** Epoch seconds, the form of most times in Chatwoot's JSON; a time that is not set is 0 where Ruby calls `to_i` on nil. */
export const seconds = (time: number | null): number => (time === null ? 0 : Math.floor(time / 1000));
/** Epoch seconds with a fraction: `updated_at` of conversations. */
export const preciseSeconds = (time: number): number => time / 1000;
/** ISO 8601 with milliseconds: times of raw records and of webhook messages. */
export const isoTime = (time: number): string => new Date(time).toISOString();
export const isoTimeOrNull = (time: number | null): string | null => (time === null ? null : isoTime(time));
