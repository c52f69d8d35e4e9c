import { hashOf } from '../../../shared/content-hash.ts';
import type { PrismaClient } from '../../../shared/database/database.ts';
import { byteBudget } from '../../../shared/memory/byte-budget.ts';
import type { ChatwootClient } from '../../chatwoot/client.ts';
import { extensionOf } from '../file-types.ts';
import type { Identity } from './identity.ts';
import type { FetchedMedia, MediaSources } from './media.ts';
import { sniffType } from './media-type.ts';
import { type AskedContact, claimAvatar, writeAvatar } from './queries/avatars.ts';

export interface AvatarKeeper {
  /** Looks after the picture of somebody who wrote, in the background, once a week at most. Never throws. */
  keep(identity: Identity): void;
  /** Resolves when nothing is under way any more. */
  stop(): Promise<void>;
}

/** More than these wait for nobody: they write again. */
const MOST_WAITING = 100;
const MOST_REMEMBERED = 5_000;
const REMEMBERED_MS = 3_600_000;
/** An engine that has no pictures is not asked for others. */
const CANNOT_MS = 24 * 3_600_000;
/** Chatwoot takes no larger picture, and no other type. */
const MAX_PICTURE_BYTES = 15 * 1_048_576;
const TYPES = new Set(['image/jpeg', 'image/png', 'image/gif', 'image/webp']);

/**
 * Gives contacts the picture that they have in WhatsApp, while they have none or still the one Ponte gave them. A picture that a person
 * chose in Chatwoot is left alone, and so is a contact of which a person took the picture away.
 */
export function createAvatarKeeper(deps: {
  prisma: PrismaClient;
  integrationId: string;
  client: ChatwootClient;
  media: Pick<MediaSources, 'download' | 'avatarOf'>;
}): AvatarKeeper {
  const { prisma, integrationId, client } = deps;
  const seen = new Map<string, number>();
  let waiting = 0;
  let cannotUntilMs = 0;
  let stopped = false;
  let work: Promise<void> = Promise.resolve();

  async function look(identity: Identity): Promise<void> {
    if (stopped || Date.now() < cannotUntilMs) return;
    const contact = await claimAvatar(prisma, integrationId, identity.addresses);
    if (contact === undefined) return;
    const url = await deps.media.avatarOf(identity.sourceId);
    if (url === 'cannot') cannotUntilMs = Date.now() + CANNOT_MS;
    if (url === 'cannot' || url === undefined) return;
    const found = await client.contacts.get(contact.contactId);
    const shown = found.ok ? (found.value.thumbnail ?? '') : undefined;
    if (shown === undefined || !isOurs(contact, shown)) return;
    const allotment = byteBudget.open(integrationId);
    try {
      await allotment.begin();
      await show(contact, shown, await deps.media.download(url, allotment));
    } finally {
      allotment.release();
    }
  }

  async function show(contact: AskedContact, shown: string, file: FetchedMedia): Promise<void> {
    if (file.kind !== 'file' || file.bytes.length > MAX_PICTURE_BYTES) return;
    const contentType = sniffType(file.bytes) ?? file.mimeType;
    const hash = hashOf(file.bytes.toString('base64'));
    if (!TYPES.has(contentType) || (hash === contact.avatarHash && shown !== '')) return;
    const set = await client.contacts.setAvatar(contact.contactId, {
      bytes: file.bytes,
      contentType,
      fileName: `whatsapp${extensionOf(contentType)}`,
    });
    if (set.ok) await writeAvatar(prisma, integrationId, contact.contactId, { hash, shownAt: set.value.thumbnail ?? '' });
  }

  return {
    keep(identity) {
      const nowMs = Date.now();
      const isKnown = nowMs - (seen.get(identity.sourceId) ?? 0) < REMEMBERED_MS;
      if (stopped || isKnown || waiting >= MOST_WAITING || nowMs < cannotUntilMs) return;
      if (seen.size >= MOST_REMEMBERED) seen.clear();
      seen.set(identity.sourceId, nowMs);
      waiting += 1;
      work = work
        .then(() => look(identity))
        .then(
          () => {
            waiting -= 1;
          },
          // A picture is worth no trouble: it is looked for again next week.
          () => {
            waiting -= 1;
          },
        );
    },
    async stop() {
      stopped = true;
      await work;
    },
  };
}

/** It has none yet, or the one that we gave it. */
const isOurs = ({ avatarShownAt }: AskedContact, thumbnail: string): boolean => thumbnail === avatarShownAt;
