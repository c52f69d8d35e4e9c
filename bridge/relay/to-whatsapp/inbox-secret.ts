import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../../../shared/logging/logger.ts';
import type { CallBudget, ChatwootAccess, ChatwootClient } from '../../chatwoot/client.ts';
import type { IntegrationSecrets } from '../../integrations/secrets.ts';
import type { IntegrationRow } from '../../integrations/store.ts';

/** What Chatwoot says of an inbox's secret: it has this one, it has none (before 4.13.0), or it cannot be told. */
export type SecretAnswer = { readonly secret: string } | 'none' | 'untold';

export interface InboxSecrets {
  /** What Chatwoot said within the last half minute, or says now. */
  latest(row: IntegrationRow): Promise<SecretAnswer>;
  /** What Chatwoot says when it is asked after that moment (by `performance.now`). */
  askedAfter(row: IntegrationRow, momentMs: number): Promise<SecretAnswer>;
}

/** How often Chatwoot is asked for the secret of one inbox at most: whoever knows the address could make us ask. */
const ASK_EVERY_MS = 2_000;
const KNOWN_MS = 30_000;
/** Chatwoot waits five seconds for us, and we for Chatwoot meanwhile. */
const ASK_TIMEOUT_MS = 2_000;

interface Inquiry {
  /** When it leaves, or left. */
  readonly atMs: number;
  readonly answer: Promise<SecretAnswer>;
  /** Nothing was learned from it. */
  failed: boolean;
}

/** Asks Chatwoot for the secrets of inboxes, seldom, and keeps what is new in the row. */
export function createInboxSecrets(deps: {
  secrets: IntegrationSecrets;
  /** Keeps another secret than that of the row, as an envelope; null when it no longer exists. */
  renew: (row: IntegrationRow, webhookSecret: string | null) => Promise<unknown>;
  chatwoot: (access: ChatwootAccess, budget: CallBudget) => ChatwootClient;
  logger: Logger;
}): InboxSecrets {
  const { secrets, logger } = deps;
  const inquiries = new Map<string, Inquiry>();

  async function ask(row: IntegrationRow): Promise<SecretAnswer> {
    if (row.inboxId === null) return 'untold';
    const access = secrets.accessOf(row);
    const inbox = await deps.chatwoot(access, { endsAtMs: Date.now() + ASK_TIMEOUT_MS }).inboxes.get(row.inboxId);
    if (!inbox.ok) return 'untold';
    const { secret, hmac_token: hmacToken } = inbox.value;
    if (secret) {
      if (secret !== secrets.openWebhookSecret(row)) await keep(row, secrets.sealWebhookSecret(secret, row.id));
      return { secret };
    }
    // Both are shown to administrators only; who sees neither knows nothing.
    if (typeof hmacToken !== 'string') return 'untold';
    if (row.webhookSecret !== null) await keep(row, null);
    return 'none';
  }

  /** A secret that could not be kept has been learned all the same. */
  async function keep(row: IntegrationRow, webhookSecret: string | null): Promise<void> {
    try {
      await deps.renew(row, webhookSecret);
    } catch (error) {
      logger.warn({ integrationId: row.id, reason: String(error) }, 'the new secret of an inbox could not be stored');
    }
  }

  function askedAfter(row: IntegrationRow, momentMs: number): Promise<SecretAnswer> {
    const nowMs = performance.now();
    for (const [id, { atMs }] of inquiries) if (nowMs - atMs > KNOWN_MS) inquiries.delete(id);
    const last = inquiries.get(row.id);
    if (last !== undefined && last.atMs >= momentMs) return last.answer;
    const atMs = last === undefined ? nowMs : Math.max(nowMs, last.atMs + ASK_EVERY_MS);
    const answer = delay(atMs - nowMs, undefined, { ref: false })
      .then(() => ask(row))
      .catch((error: unknown): SecretAnswer => {
        logger.warn({ integrationId: row.id, reason: String(error) }, 'Chatwoot could not be asked for the secret of an inbox');
        return 'untold';
      });
    const inquiry: Inquiry = { atMs, answer, failed: false };
    void answer.then((told) => {
      inquiry.failed = told === 'untold';
    });
    inquiries.set(row.id, inquiry);
    return answer;
  }

  return {
    askedAfter,
    latest(row) {
      const last = inquiries.get(row.id);
      const isKnown = last !== undefined && !last.failed && performance.now() - last.atMs <= KNOWN_MS;
      return isKnown ? last.answer : askedAfter(row, performance.now());
    },
  };
}
