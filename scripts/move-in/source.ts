/** A system that instances are moved from. Everything throws Obstacle. */
export interface Source {
  /** As people know it. */
  readonly title: string;
  /** Its kind as an engine of Ponte. */
  readonly kind: 'evolution' | 'waha';
  readonly url: string;
  instances(): Promise<SourceInstance[]>;
  /** Its own Chatwoot integration; undefined where an instance never had one. */
  chatwoot(name: string): Promise<OwnChatwoot | undefined>;
  /** Switches that on or off, and leaves everything else of it as it was read. */
  switchChatwoot(name: string, own: OwnChatwoot, isOn: boolean): Promise<void>;
  /** Where it delivers events. */
  deliversTo(name: string): Promise<readonly string[]>;
  readonly handover: Overlap | Pause;
}

/** It writes WhatsApp's ids into Chatwoot: both may bring messages for a while, because Ponte sees what stands there already. */
interface Overlap {
  readonly kind: 'overlap';
}

/** Nobody could tell its messages in Chatwoot from Ponte's, so it is paused while one gives way to the other: WhatsApp keeps what comes. */
export interface Pause {
  readonly kind: 'pause';
  /** Paused already, nothing happens. */
  pause(name: string): Promise<void>;
  /** Resolves when it works again. */
  resume(name: string): Promise<void>;
  /** It delivers to no address any more that has this in it. */
  forget(name: string, part: string): Promise<void>;
}

export interface SourceInstance {
  readonly name: string;
  /** What opens it; undefined where that is not told. */
  readonly token: string | undefined;
  readonly state: 'works' | 'paused' | { readonly obstacle: string };
}

export interface OwnChatwoot {
  readonly isOn: boolean;
  readonly url: string;
  readonly accountId: string;
  readonly token: string;
  /** Undefined where it is told nowhere: then it is found by where it calls, or by its name. */
  readonly inboxId: number | undefined;
  readonly inboxName: string;
  readonly webhookUrl: string;
  readonly rules: {
    readonly signMessages: boolean;
    readonly reopenResolved: boolean;
    readonly startAsPending: boolean;
  };
  /** As they were read, to be written back. */
  readonly settings: Readonly<Record<string, unknown>>;
}
