import { PonteError } from '../../../shared/errors/ponte-error.ts';
import type { Logger } from '../../../shared/logging/logger.ts';
import type { CallBudget, ChatwootAccess, ChatwootClient } from '../../chatwoot/client.ts';
import type { IntegrationSecrets } from '../../integrations/secrets.ts';
import type { IntegrationRow } from '../../integrations/store.ts';
import { checkSignature, type SignatureCheck, type SignedWebhook } from './webhook-signature.ts';

export interface WebhookVerification {
  /** Throws PonteError `webhook_signature_invalid` for a webhook that Chatwoot did not send, or not lately. */
  check(row: IntegrationRow, webhook: SignedWebhook): Promise<void>;
}

/** How often Chatwoot is asked for the secret of one inbox at most: whoever knows the address could make us ask. */
const ASK_AGAIN_MS = 30_000;
/** Chatwoot waits five seconds for us, and we for Chatwoot meanwhile. */
const ASK_TIMEOUT_MS = 2_000;

/** What Chatwoot says of an inbox's secret: it has this one, it has none (before 4.13.0), or it cannot be told. */
type Answer = { readonly secret: string } | 'none' | 'untold';

/**
 * Proves that a webhook comes from Chatwoot. An inbox of Chatwoot before 4.13.0 has no secret, and the secret path has to do. When
 * Chatwoot is upgraded, or somebody resets the secret there, ours is out of date: before anything is refused, Chatwoot is asked once.
 */
export function createWebhookVerification(deps: {
  secrets: IntegrationSecrets;
  /** Keeps a new secret, as an envelope; null when it no longer exists. */
  save: (id: string, webhookSecret: string | null) => Promise<unknown>;
  chatwoot: (access: ChatwootAccess, budget: CallBudget) => ChatwootClient;
  logger: Logger;
}): WebhookVerification {
  const { secrets, logger } = deps;
  const asked = new Map<string, { readonly atMs: number; readonly answer: Promise<Answer> }>();

  async function ask(row: IntegrationRow): Promise<Answer> {
    if (row.inboxId === null) return 'untold';
    const access = { baseUrl: row.chatwootBaseUrl, accountId: row.chatwootAccountId, token: secrets.openToken(row) };
    const inbox = await deps.chatwoot(access, { endsAtMs: Date.now() + ASK_TIMEOUT_MS }).inboxes.get(row.inboxId);
    if (!inbox.ok) return 'untold';
    const { secret, hmac_token: hmacToken } = inbox.value;
    if (secret) {
      await deps.save(row.id, secrets.sealWebhookSecret(secret, row.id));
      return { secret };
    }
    // Both are shown to administrators only; who sees neither knows nothing.
    if (typeof hmacToken !== 'string') return 'untold';
    await deps.save(row.id, null);
    return 'none';
  }

  function askOnce(row: IntegrationRow): Promise<Answer> {
    const nowMs = Date.now();
    for (const [id, { atMs }] of asked) if (nowMs - atMs > ASK_AGAIN_MS) asked.delete(id);
    const known = asked.get(row.id);
    if (known !== undefined) return known.answer;
    const answer = ask(row).catch((error: unknown): Answer => {
      logger.warn({ integrationId: row.id, reason: String(error) }, 'Chatwoot could not be asked for the secret of an inbox');
      return 'untold';
    });
    asked.set(row.id, { atMs: nowMs, answer });
    return answer;
  }

  function refuse(row: IntegrationRow, verdict: SignatureCheck): never {
    const reason = {
      missing: 'it is not signed',
      stale: 'it was signed more than five minutes ago or ahead',
      wrong: 'it is wrong',
      valid: '',
    };
    logger.warn({ integrationId: row.id, verdict }, 'refused a webhook');
    throw new PonteError('webhook_signature_invalid', { detail: reason[verdict] });
  }

  return {
    async check(row, webhook) {
      const secret = secrets.openWebhookSecret(row);
      const verdict = secret === undefined ? 'wrong' : checkSignature(webhook, secret, Date.now());
      if (verdict === 'valid') return;
      if (verdict === 'stale') refuse(row, verdict);
      const isSigned = webhook.signature !== undefined;
      if (secret === undefined && !isSigned) return;
      const answer = await askOnce(row);
      // Without any secret to check it against, a signature proves as little as none.
      if (answer === 'none' || (answer === 'untold' && secret === undefined)) return;
      const second = typeof answer === 'object' ? checkSignature(webhook, answer.secret, Date.now()) : verdict;
      if (second !== 'valid') refuse(row, second);
    },
  };
}
