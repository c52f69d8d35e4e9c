/**
 * A pause as the queue keeps it. BullMQ on PostgreSQL refuses a fraction of a millisecond, and a job whose pause is refused stays with its
 * worker until its lock has run out, some 15 s; on Redis it would be waited for all the same.
 */
export const wholeMs = (ms: number): number => Math.max(0, Math.ceil(ms));
