import { setTimeout as delay } from 'node:timers/promises';
import type { BridgeVerification } from '../../shared/contracts/bridge.ts';
import type { PrismaClient } from '../../shared/database/database.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import type { Logger } from '../../shared/logging/logger.ts';
import type { CallBudget, ChatwootAccess, ChatwootClient } from '../chatwoot/client.ts';
import type { ChatwootFailure } from '../chatwoot/outcome.ts';
import { upstreamError } from '../chatwoot/upstream-error.ts';
import { isPrivateHost } from '../public-url.ts';
import { BRIDGE_LIMITS } from '../timeouts.ts';
import type { IntegrationSecrets } from './secrets.ts';
import type { IntegrationRow, IntegrationStore } from './store.ts';

/** Chatwoot delivers from a queue of its own: what has not come by then did not come because it was busy for a moment. */
const PROOF_WITHIN_MS = 8_000;
const POLL_MS = 200;

/**
 * Proves the way from Chatwoot to the bridge, whose failing nobody is told of: something happens in the inbox that no customer sees, and
 * its webhook has to arrive. That is somebody's typing of a private note in a conversation that there is; where there is none, or that
 * is not told (before Chatwoot 4.2), a conversation of a contact of our own, which is deleted again.
 */
export function createVerification(deps: {
  prisma: PrismaClient;
  store: IntegrationStore;
  secrets: IntegrationSecrets;
  chatwoot: (access: ChatwootAccess, budget: CallBudget) => ChatwootClient;
  /** BRIDGE_PUBLIC_URL. */
  publicUrl: string;
  logger: Logger;
}) {
  const { prisma, store, secrets, logger } = deps;
  const { host, hostname } = new URL(deps.publicUrl);

  /** Waits for any webhook of the inbox, whichever bridge it reaches. */
  async function isProven(row: IntegrationRow, signal: AbortSignal): Promise<boolean> {
    const untilMs = performance.now() + PROOF_WITHIN_MS;
    do {
      await delay(POLL_MS, undefined, { signal }).catch(() => {});
      const now = await store.byId(row.id);
      if (now?.provenAt && now.provenAt.getTime() !== row.provenAt?.getTime()) return true;
    } while (performance.now() < untilMs && !signal.aborted);
    return false;
  }

  async function lastConversation({ id }: IntegrationRow): Promise<number | undefined> {
    const known = await prisma.bridgeMessage.findFirst({
      where: { integrationId: id },
      orderBy: { chatwootMessageId: 'desc' },
      select: { conversationId: true },
    });
    return known?.conversationId;
  }

  async function byTyping(row: IntegrationRow, client: ChatwootClient): Promise<ChatwootFailure | 'done' | 'no conversation'> {
    const conversationId = await lastConversation(row);
    if (conversationId === undefined) return 'no conversation';
    for (const status of ['on', 'off'] as const) {
      const outcome = await client.conversations.typeNote(conversationId, status);
      if (!outcome.ok) return outcome.failure.kind === 'absent' ? 'no conversation' : outcome.failure;
    }
    return 'done';
  }

  /** Whether the webhook of a conversation of our own arrives. What is left of an earlier try is used again, and deleted with it. */
  async function byConversation(
    row: IntegrationRow,
    client: ChatwootClient,
    signal: AbortSignal,
  ): Promise<ChatwootFailure | boolean> {
    const inboxId = row.inboxId ?? 0;
    const sourceId = `ponte-verification-${row.id}`;
    const earlier = await client.contacts.at(inboxId, sourceId);
    const contact = earlier.ok
      ? earlier
      : await client.contacts.create({ inboxId, sourceId, name: 'Ponte', identifier: sourceId });
    if (!contact.ok) return contact.failure;
    try {
      const made = await client.conversations.create({ inboxId, contactId: contact.value.id, sourceId, isPending: true });
      return made.ok ? await isProven(row, signal) : made.failure;
    } finally {
      const deleted = await client.contacts.delete(contact.value.id);
      if (!deleted.ok) {
        logger.warn({ integrationId: row.id }, 'the contact of a verification could not be deleted; the next one does it');
      }
    }
  }

  function missing(row: IntegrationRow): BridgeVerification {
    const advice = isPrivateHost(hostname)
      ? `${hostname} is a private address, where Chatwoot 4.14 and later deliver nothing — set BRIDGE_PUBLIC_URL to a public address, or SAFE_FETCH_ALLOW_PRIVATE_NETWORK=true in Chatwoot`
      : `verify that ${host} (BRIDGE_PUBLIC_URL) leads to the bridge from where Chatwoot's Sidekiq runs: name, port, proxy and certificate`;
    return {
      proven: false,
      reason: `Chatwoot did what was asked, but its webhook did not arrive within ${PROOF_WITHIN_MS / 1_000} s — ${advice}`,
      proven_at: row.provenAt?.toISOString() ?? null,
    };
  }

  return async function verify(id: string, signal: AbortSignal): Promise<BridgeVerification> {
    const row = await store.byId(id);
    if (row === null || row.state !== 'active') throw new PonteError('integration_not_found');
    const access = secrets.accessOf(row);
    const client = deps.chatwoot(access, { endsAtMs: Date.now() + BRIDGE_LIMITS.verifyMs, signal });
    const failed = async (failure: ChatwootFailure): Promise<BridgeVerification> => ({
      proven: false,
      reason: (await upstreamError(failure, client)).message,
      proven_at: row.provenAt?.toISOString() ?? null,
    });
    await store.awaitProof(row.id, BRIDGE_LIMITS.verifyMs);
    const began = performance.now();
    try {
      const typed = await byTyping(row, client);
      if (typeof typed !== 'string') return await failed(typed);
      let proven = typed === 'done' && (await isProven(row, signal));
      if (!proven) {
        const outcome = await byConversation(row, client, signal);
        if (typeof outcome !== 'boolean') return await failed(outcome);
        proven = outcome;
      }
      if (!proven) return missing(row);
      const tookMs = Math.round(performance.now() - began);
      return { proven: true, reason: '', took_ms: tookMs, proven_at: new Date().toISOString() };
    } finally {
      await store.endProof(row.id).catch(() => {});
    }
  };
}
