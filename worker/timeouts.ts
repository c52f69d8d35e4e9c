import { STALL_TIMES } from '../shared/queue/engine.ts';

/** Every time of the worker that something else waits for, in milliseconds. Whoever cannot wait that long passes a table of its own. */
export const WORKER_TIMEOUTS = {
  /** When the job of a worker that died is found. */
  queue: STALL_TIMES,
  /** Which activations may call the bridge: worker/admission. */
  admission: {
    /** For so long a job that is next but one stays in the queue, unless it is called earlier: a whole turn of its lane. */
    comeBackMs: 2_000,
    /** However many are ahead of it: it is called when its turn has come, this is for when the worker that would call has died. */
    comeBackAtMostMs: 10_000,
    /** A Chatwoot that hangs is known to for so long after it was last seen to. */
    hangingForMs: 60_000,
    /** A call that had less time than this to be answered says nothing of the host. */
    silentAfterMs: 4_500,
  },
  /** A bridge that cannot be reached is tried for so long: it may be restarting. */
  bridgePatienceMs: 12_000,
  reconciler: {
    /** At most; half of it at least. */
    everyMs: 6_000,
    /** The api has a row's job in the queue, or the row ended, within 2.5 s. */
    pendingGraceMs: 3_000,
    /** No try of an activation is silent for longer than its call to the bridge. */
    runningGraceMs: 30_000,
    /** A worker that is just finishing at the deadline gets this long. */
    overdueGraceMs: 5_000,
    removalGraceMs: 10_000,
  },
  engines: {
    /** How often it is looked for what engines are to be told, or asked. */
    everyMs: 5_000,
    /** One that does not tell of the connection is asked this often, or up to twice as often. */
    askEveryMs: 60_000,
    /** The webhook of one that may forget it is looked at again this often. */
    lookAgainMs: 600_000,
  },
  notifications: {
    /** How often it is looked for what is to be told. */
    everyMs: 5_000,
    /** A delivery that a worker has taken is taken by another after this: longer than an attempt and what is recorded of it. */
    claimMs: 30_000,
    /** As that, of the mail to the operator. */
    mailClaimMs: 120_000,
  },
  stop: {
    /** Running activations get this long; the rest of what orchestrators allow is for handing them over. */
    graceMs: 15_000,
    /** The reconciler's step under way, and afterwards the database's connections. */
    closeMs: 2_000,
  },
};

export type WorkerTimeouts = Readonly<typeof WORKER_TIMEOUTS>;

/** Limits of the worker's calls, in milliseconds. With those of the api and the bridge they form one budget: test/unit/time-budget.test.ts. */
export const WORKER_LIMITS = {
  /** One call to activate. */
  activateMs: 25_000,
  /** Kept back from the deadline to record what came of the call; a quarter of what is left where that is little. */
  recordMs: 1_500,
  /**
   * So much earlier than we stop listening the bridge has to be done, a fifth of the call where that is short: what a Chatwoot that
   * stays silent has done to it is the bridge's to tell, or the bridge would seem to be the silent one.
   */
  answerMs: 1_000,
  /**
   * Removing what is still due before an activation needs no answer of Chatwoot, only the bridge's word that it is no longer in use.
   */
  removeFirstMs: 5_000,
  /** One call to remove what is not urgent. */
  removeMs: 30_000,
  /** For so long a removal that is being worked on is not looked for. */
  removalClaimMs: 60_000,
  /** One call to a WhatsApp engine, to read or set its webhook or to ask how it is. */
  engineCallMs: 12_000,
  /** For some such calls, of which an engine may need several, and what is recorded between them. */
  engineClaimMs: 90_000,
  /** One delivery to the webhook of an account. */
  webhookMs: 10_000,
  /** Each step of sending a mail: look-up, connection, greeting, and silence afterwards. */
  smtpStepMs: 15_000,
} as const;
