import { setTimeout as delay } from 'node:timers/promises';
import type { DatabaseClock } from '../../../shared/database/clock.ts';
import { PonteError } from '../../../shared/errors/ponte-error.ts';
import type { Logger } from '../../../shared/logging/logger.ts';
import type { IntegrationSecrets } from '../../integrations/secrets.ts';
import type { IntegrationRow } from '../../integrations/store.ts';
import type { InboxSecrets, SecretAnswer } from './inbox-secret.ts';
import { checkSignature, type SignatureCheck, type SignedWebhook } from './webhook-signature.ts';

export interface WebhookVerification {
  /** Whether what we have of the row proves it, without asking Chatwoot: where not, `check` may still. */
  isGenuine(row: IntegrationRow, webhook: SignedWebhook): Promise<boolean>;
  /**
   * Throws PonteError `webhook_signature_invalid` for a webhook that Chatwoot did not send, or not lately. Ends before `untilMs` (by
   * `performance.now`).
   */
  check(row: IntegrationRow, webhook: SignedWebhook, untilMs: number): Promise<void>;
}

/** Chatwoot signs with the secret of the moment in which a webhook was enqueued; its queue may be that long. */
const SECRET_BEFORE_MS = 3_600_000;
/** What is left of the time to store a webhook after it was proven. */
const LEFT_TO_STORE_MS = 500;

/**
 * Proves that a webhook comes from Chatwoot. An inbox of Chatwoot before 4.13.0 has no secret, and the secret path has to do. When
 * Chatwoot is upgraded, or somebody resets the secret there, ours is out of date: before anything that is signed is refused, Chatwoot is
 * asked, after it came.
 */
export function createWebhookVerification(deps: {
  secrets: IntegrationSecrets;
  inboxSecrets: InboxSecrets;
  clock: DatabaseClock;
  logger: Logger;
}): WebhookVerification {
  const { secrets, inboxSecrets, clock, logger } = deps;

  async function judge(webhook: SignedWebhook, known: readonly string[]): Promise<SignatureCheck> {
    const verdict = judgeAt(webhook, known, await clock.nowMs());
    return verdict === 'stale' ? judgeAt(webhook, known, await clock.nowMs({ fresh: true })) : verdict;
  }

  async function secretsOf(row: IntegrationRow): Promise<string[]> {
    const current = secrets.openWebhookSecret(row);
    const changedAtMs = row.webhookSecretChangedAt?.getTime();
    const before =
      changedAtMs !== undefined && (await clock.nowMs()) - changedAtMs < SECRET_BEFORE_MS
        ? secrets.openWebhookSecret({ id: row.id, webhookSecret: row.webhookSecretBefore })
        : undefined;
    return [current, before].filter((secret) => secret !== undefined);
  }

  /** Nobody signs for an inbox without a secret. */
  const isUnsigned = (row: IntegrationRow, { signature }: SignedWebhook): boolean =>
    row.webhookSecret === null && signature === undefined;

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
    isGenuine: async (row, webhook) => isUnsigned(row, webhook) || (await judge(webhook, await secretsOf(row))) === 'valid',

    async check(row, webhook, untilMs) {
      const arrivedAtMs = performance.now();
      const hasSecret = row.webhookSecret !== null;
      const verdict = await judge(webhook, await secretsOf(row));
      if (verdict === 'valid') return;
      if (verdict === 'stale') refuse(row, verdict);
      if (isUnsigned(row, webhook)) return;
      const isSigned = webhook.signature !== undefined;

      const leftMs = untilMs - LEFT_TO_STORE_MS - arrivedAtMs;
      const isLate = delay(Math.max(0, leftMs), 'untold' as const, { ref: false });
      const inTime = (answer: Promise<SecretAnswer>) => Promise.race([answer, isLate]);
      const judgeBy = async (answer: SecretAnswer): Promise<SignatureCheck> => {
        // Without any secret to check it against, a signature proves as little as none.
        if (answer === 'none' || (answer === 'untold' && !hasSecret)) return 'valid';
        return answer === 'untold' ? verdict : judge(webhook, [answer.secret]);
      };
      const first = await inTime(inboxSecrets.latest(row));
      let second = await judgeBy(first);
      if (second === 'wrong' && isSigned) {
        // What Chatwoot said may be of before another reset; a question that failed says nothing at all.
        const momentMs = first === 'untold' ? performance.now() : arrivedAtMs;
        second = await judgeBy(await inTime(inboxSecrets.askedAfter(row, momentMs)));
      }
      if (second !== 'valid') refuse(row, second);
    },
  };
}

/** With whichever of these it was signed. */
function judgeAt(webhook: SignedWebhook, known: readonly string[], nowMs: number): SignatureCheck {
  const verdicts = known.map((secret) => checkSignature(webhook, secret, nowMs));
  return verdicts.find((verdict) => verdict === 'valid' || verdict === 'stale') ?? verdicts[0] ?? 'wrong';
}
