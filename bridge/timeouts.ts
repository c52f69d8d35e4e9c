/** Every time of the bridge that something else waits for, in milliseconds. Whoever cannot wait that long passes a table of its own. */
export const BRIDGE_TIMEOUTS = {
  leases: {
    /** By the clock of the database. When a bridge dies, its integrations are taken over after this. */
    validityMs: 8_000,
    /** How often they are prolonged: twice may fail. */
    renewalMs: 3_000,
  },
  /** Between tries to reach Chatwoot. */
  relayPauses: { firstMs: 1_000, maxMs: 60_000 },
  /** Between connections to the api's event stream. */
  streamPauses: { firstMs: 250, maxMs: 10_000 },
  replies: {
    /** How long a message waits for older ones of its conversation, whose webhooks it may have overtaken. */
    holdBackMs: 300,
    /** Between tries to send one. */
    pauses: { firstMs: 1_000, maxMs: 30_000 },
    /** A message that could not be sent for this long fails. */
    giveUpMs: 10 * 60_000,
    /** How long the echo of a message may take: after no answer came, or after somebody took over from the process that was sending it. */
    echoGraceMs: 10_000,
  },
  /** How often is looked, at most, for what a lost notification, a process that died or a change by hand leaves; half of it at least. */
  pollEveryMs: 2_500,
  stop: {
    drainMs: 250,
    /** For running requests to finish; what Chatwoot has been asked then still has its answer, mostly. */
    httpGraceMs: 15_000,
    /** For what is on its way to Chatwoot or to WhatsApp. */
    relayGraceMs: 10_000,
  },
};

export type BridgeTimeouts = Readonly<typeof BRIDGE_TIMEOUTS>;
