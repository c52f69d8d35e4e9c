/** Every time of the bridge that something else waits for, in milliseconds. Whoever cannot wait that long passes a table of its own. */
export const BRIDGE_TIMEOUTS = {
  leases: {
    /** By the clock of the database. When a bridge dies, its integrations are taken over after this. */
    validityMs: 8_000,
    /** How often they are prolonged: twice may fail. */
    renewalMs: 3_000,
  },
  /** The pauses between tries to reach Chatwoot: each about twice as long as the one before it, none longer than `maxMs`. */
  relayPauses: { firstMs: 1_000, maxMs: 60_000 },
  replies: {
    /** How long a message waits for older ones of its conversation, whose webhooks it may have overtaken. */
    holdBackMs: 300,
    /** The pauses between tries; the last one repeats. */
    pausesMs: [1_000, 2_000, 5_000, 10_000, 20_000, 30_000] as readonly number[],
    /** A message that could not be sent for this long fails. */
    giveUpMs: 10 * 60_000,
    /** How long the echo of a message may take: after no answer came, or after somebody took over from the process that was sending it. */
    echoGraceMs: 10_000,
  },
  stop: {
    drainMs: 250,
    /** For running requests to finish; what Chatwoot has been asked then still has its answer, mostly. */
    httpGraceMs: 15_000,
    /** For what is on its way to Chatwoot or to WhatsApp. */
    relayGraceMs: 10_000,
  },
};

export type BridgeTimeouts = Readonly<typeof BRIDGE_TIMEOUTS>;
