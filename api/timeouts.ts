/** Every time of the api that something else waits for, in milliseconds. Whoever cannot wait that long passes a table of its own. */
export const API_TIMEOUTS = {
  stop: {
    /** A stop is never so quick that nobody can see us unready. */
    drainAtLeastMs: 250,
    /** How long activations and messages under way may still answer their clients. */
    drainAtMostMs: 12_000,
    /** How long what is left may take to be written out. */
    httpGraceMs: 2_000,
  },
};

export type ApiTimeouts = Readonly<typeof API_TIMEOUTS>;
