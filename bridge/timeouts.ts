/** Every time of the bridge that something else waits for, in milliseconds. Whoever cannot wait that long passes a table of its own. */
export const BRIDGE_TIMEOUTS = {
  leases: {
    /** By the clock of the database. When a bridge dies, its integrations are taken over after this. */
    validityMs: 4_500,
    /** How often a bridge says that it is alive, in one small row: three times may fail. */
    renewalMs: 1_000,
    /** How often, at most, it looks through everything it runs, for what no notification told; half of it at least. */
    lookMs: 10_000,
  },
  /** The right to change the integrations of an instance. */
  locks: {
    /** By the clock of the database. When a bridge dies in the middle of an activation, the next try gets the instance after this. */
    validityMs: 8_000,
    /** How often those that are held are prolonged: twice may fail. */
    renewalMs: 2_500,
  },
  /** Between tries to reach Chatwoot. */
  relayPauses: { firstMs: 1_000, maxMs: 60_000 },
  /** Between tries to post a file that Chatwoot did not take, or that was not to be had, behind its text. */
  filePauses: { firstMs: 60_000, maxMs: 6 * 3_600_000 },
  /**
   * After a request whose outcome is unknown has left, it may still take effect in Chatwoot for so long: Rails ends it at 15 s. Before that
   * what it asks for is only looked for.
   */
  takesEffectWithinMs: 20_000,
  /** How long an edit or a reaction waits for the message that it is about, which engines may deliver after it. */
  earlyPatienceMs: 10_000,
  /** Between connections to the api's event stream. */
  streamPauses: { firstMs: 250, maxMs: 10_000 },
  replies: {
    /** How long a message waits for older ones of its conversation, whose webhooks it may have overtaken. */
    holdBackMs: 300,
    /**
     * How long a Chatwoot that does not say what was written before a message holds it up, from its first such answer on; asked again every so
     * often. One that is away for longer says nothing of order.
     */
    unsaidMs: 30_000,
    unsaidAgainMs: 1_000,
    /** Between tries to send one. */
    pauses: { firstMs: 1_000, maxMs: 30_000 },
    /** A message that could not be sent for this long fails. */
    giveUpMs: 10 * 60_000,
    /** How long the echo of a message may take: after no answer came, or after somebody took over from the process that was sending it. */
    echoGraceMs: 10_000,
  },
  /** A look at the inbox of each integration, for what somebody has changed in Chatwoot. */
  inboxLook: {
    everyMs: 10 * 60_000,
    /** Later by up to this, so that inboxes of one host are not asked for together. */
    spreadMs: 60_000,
    /** After any trouble: so much later, and not again before this has passed. */
    soonMs: 5_000,
    soonAgainMs: 60_000,
    /** And once more when Chatwoot has shown what became of webhooks that were under way then; it waits 5 s for the answer to one, at most 60 s. */
    aftermathMs: 75_000,
  },
  /** How an integration is is told once it has been so for so long: a Chatwoot that starts anew is no news. */
  statusLastingMs: 60_000,
  /** How often is looked, at most, for what a lost notification, a process that died or a change by hand leaves; half of it at least. */
  pollEveryMs: 6_000,
  stop: {
    drainMs: 250,
    /** For running requests to finish; what Chatwoot has been asked then still has its answer, mostly. */
    httpGraceMs: 15_000,
    /** For what is on its way to Chatwoot or to WhatsApp; afterwards there must be time left to give the leases back. */
    relayGraceMs: 7_500,
  },
};

export type BridgeTimeouts = Readonly<typeof BRIDGE_TIMEOUTS>;

/** Limits of the bridge's calls, in milliseconds. With those of the api and the worker they form one budget: test/unit/time-budget.test.ts. */
export const BRIDGE_LIMITS = {
  /** How long a second call for an instance waits for the first. */
  lockWaitMs: 2_000,
  /** For the event stream to open while Chatwoot works. */
  streamMs: 5_000,
  /** Undoing takes place after the deadline as well. */
  undoMs: 10_000,
  /** Deleting the inboxes of an integration; its callers wait longer. */
  removeMs: 20_000,
  /** What Chatwoot says of an integration; callers wait longer. */
  statusMs: 8_000,
  /** To prove the way from Chatwoot, in up to two ways; the api waits longer. */
  verifyMs: 28_000,
  /** A look at an inbox that nobody waits for, repair included. */
  lookMs: 25_000,
  /** A look through an inbox for what no webhook told of; where there is more, the next goes on. */
  catchUpMs: 45_000,
  /** A look for what was written before a message, which waits for it. */
  lookBackMs: 3_000,
  /** The profile in a dry run, and after a refusal that may mean several things. */
  checkProfileMs: 8_000,
  diagnoseMs: 3_000,
  /** Which release a Chatwoot is, where that may matter. */
  versionMs: 3_000,
  /** For Chatwoot to answer. It ends a request itself after 15 s; who waits a little longer learns what came of it. */
  createInboxMs: 20_000,
  inboxMs: 8_000,
  /** A look for what came of a new inbox for which there was no answer: the client has waited long enough. */
  lookAfterMs: 3_000,
  /** A look at the inbox that an integration moves away from, while the new one is made. */
  oldInboxMs: 5_000,
  /** Chatwoot's own end of a request with all that it was sent: after this, an inbox for which there was no answer is looked for. */
  lateInboxMs: 20_000,
  /** A proxy, or a server that was stopped meanwhile, may hold a request back for longer: after this it is looked for the last time. */
  lastInboxMs: 65_000,
  /** Longer than the api gives the engine, so that it is the api that answers. */
  sendTextMs: 45_000,
  sendMediaMs: 75_000,
  fetchMediaMs: 75_000,
} as const;
