import type { Addressee } from './contact-directory.ts';
import type { ConversationRules } from './conversations.ts';
import type { Identity } from './identity.ts';
import { createShelf } from './memory.ts';

/** The conversation that the messages of a chat go into, as Chatwoot had it a moment ago. */
export interface Home {
  readonly id: number;
  readonly status: string;
  readonly contactId: number;
  /** Whether the contact had no other in the inbox. */
  readonly isOnly: boolean;
  /** When Chatwoot was asked, by `performance.now()`. */
  readonly readAtMs: number;
}

/**
 * Where the last message of each chat went, so that Chatwoot need not be asked again for every one. It is asked again wherever that may have
 * changed: an agent may resolve a conversation at any moment, which counts for what is written afterwards unless resolved ones are gone on
 * with; and he may begin another one, of which Chatwoot tells.
 */
export interface Homes {
  /** Undefined where Chatwoot is to be asked for a message that the bridge has had since `takenAtMs`. */
  find(identity: Identity, addressee: Addressee, takenAtMs: number): Home | undefined;
  keep(identity: Identity, home: Home): void;
  /** Whether anything was known. */
  drop(identity: Identity): boolean;
  /** The contact has another conversation from now on. */
  dropContact(contactId: number): void;
  dropAll(): void;
}

export function createHomes({ rules }: { rules: () => ConversationRules }): Homes {
  const homes = createShelf<Home>();
  let newsAtMs = 0;

  function begun(concerns?: (home: Home) => boolean): void {
    newsAtMs = performance.now();
    homes.drop(concerns);
  }

  return {
    find({ sourceId }, { contactId }, takenAtMs) {
      const home = homes.find(sourceId);
      if (home === undefined || home.contactId !== contactId) return undefined;
      // What was right at some moment since the message was written is right.
      const isCurrent = takenAtMs <= home.readAtMs;
      return isCurrent || (rules().reopenResolved && home.isOnly) ? home : undefined;
    },
    // What has begun while Chatwoot was asked may not be in its answer.
    keep: ({ sourceId }, home) => homes.keep(sourceId, { ...home, isOnly: home.isOnly && newsAtMs < home.readAtMs }),
    drop({ sourceId }) {
      const wasKnown = homes.find(sourceId) !== undefined;
      homes.drop((_home, key) => key === sourceId);
      return wasKnown;
    },
    dropContact: (contactId) => begun((home) => home.contactId === contactId),
    dropAll: () => begun(),
  };
}
