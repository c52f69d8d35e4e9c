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

/** Limits of the api's calls, in milliseconds. With those of the worker and the bridge they form one budget: test/unit/time-budget.test.ts. */
export const API_LIMITS = {
  /** A dry run asks Chatwoot two or three times; a person waits for it. */
  checkMs: 25_000,
  /** For the bridge's own answer to arrive: a silent Chatwoot must not look like a silent bridge. */
  answerMs: 500,
  listMs: 10_000,
  /** To prove both ways; a person waits for it. */
  verifyMs: 32_000,
  /** The bridge's DELETE is given this long. */
  removeMs: 30_000,
  /** Until then the removal is the api's; a worker that finds it later may take it. */
  removalOursForMs: 35_000,
  /** For the engine to send; the bridge waits longer. */
  sendTextMs: 30_000,
  sendMediaMs: 60_000,
  /** For the engine to hand out a file. */
  fetchMediaMs: 60_000,
  /** For the engine to say how it is; a person waits for it. */
  askEngineMs: 15_000,
  /** An activation that has succeeded waits so long for what its engine says of its webhook, and tells it where it is there by then. */
  webhookTriedMs: 3_000,
} as const;
