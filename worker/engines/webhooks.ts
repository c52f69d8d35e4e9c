import { backoffMs } from '../../shared/backoff.ts';
import type { PrismaClient } from '../../shared/database/database.ts';
import { engineKinds, engineOf } from '../../shared/engines/registry.ts';
import type { Logger } from '../../shared/logging/logger.ts';
import { createTurns, type Turns } from '../../shared/turns.ts';
import { createUnderWay } from '../../shared/under-way.ts';
import { WORKER_LIMITS, type WorkerTimeouts } from '../timeouts.ts';
import type { Brought } from './bring-about.ts';
import {
  type ClaimedWebhook,
  claimWebhooks,
  forgetWebhook,
  lookAgain,
  postponeWebhook,
  settleWebhook,
} from './queries/webhooks.ts';

/** At a time, in each worker. */
const MOST = 20;
const PAUSES = { firstMs: 5_000, maxMs: 3_600_000 };
/** An engine that has not been there for so long is not coming back: what stood at it before is nobody's any more. */
const RESTORE_FOR_SECONDS = 7 * 86_400;
const RETRY_MS = 2_000;

const forgetful = engineKinds.filter((kind) => engineOf(kind).setup.forgetsWebhook === true);

/**
 * Brings about where engines are to deliver: rows say what is wished, every worker takes what is due, and none waits for another's engine.
 * A wish holds until it has come true, with growing pauses; `wake` after one was written.
 */
export function createWebhookKeeper(deps: {
  prisma: PrismaClient;
  bringAbout: (wish: ClaimedWebhook) => Promise<Brought>;
  timeouts: WorkerTimeouts['engines'];
  logger: Logger;
}): Turns {
  const { prisma, logger } = deps;
  const underWay = createUnderWay();
  const lookEveryMs = deps.timeouts.lookAgainMs / 4;
  let lookedAtMs = 0;

  async function run(wish: ClaimedWebhook): Promise<void> {
    const { instanceId, wish: wished, attempts, engineKind } = wish;
    const log = logger.child({ instanceId, engine: engineKind, wish: wished, attempt: attempts });
    const outcome = await deps.bringAbout(wish);
    switch (outcome.kind) {
      case 'done':
        await settleWebhook(prisma, wish, outcome.warnings);
        log.info({ warnings: outcome.warnings.length }, 'the webhook of an engine was set');
        return;
      case 'forget':
        await forgetWebhook(prisma, wish);
        log.info('the webhook of an engine was given back');
        return;
      case 'failed': {
        const { message, code, retryAfterSeconds = 0 } = outcome.error;
        if (wished === 'restored' && wish.ageSeconds > RESTORE_FOR_SECONDS && attempts > 50) {
          log.error({ outcome: code, reason: message }, 'the webhook of an engine could not be given back, given up');
          await forgetWebhook(prisma, wish);
          return;
        }
        const delayMs = Math.max(backoffMs(PAUSES, attempts), retryAfterSeconds * 1_000);
        log.warn({ outcome: code, reason: message, retryInMs: delayMs }, 'the webhook of an engine could not be changed yet');
        await postponeWebhook(prisma, wish, { lastError: message, delayMs });
      }
    }
  }

  function begin(wish: ClaimedWebhook): void {
    const running = run(wish).catch((error: unknown) => {
      // Its claim runs out, and somebody takes it again.
      logger.warn({ instanceId: wish.instanceId, reason: String(error) }, 'the webhook of an engine could not be recorded');
    });
    void underWay.begin(running).then(turns.wake);
  }

  const turns = createTurns({
    work: async () => {
      if (Date.now() - lookedAtMs >= lookEveryMs) {
        await lookAgain(prisma, { kinds: forgetful, afterMs: deps.timeouts.lookAgainMs });
        lookedAtMs = Date.now();
      }
      const limit = MOST - underWay.size;
      const wishes = limit > 0 ? await claimWebhooks(prisma, { limit, claimMs: WORKER_LIMITS.engineClaimMs }) : [];
      for (const wish of wishes) begin(wish);
      return deps.timeouts.everyMs;
    },
    onError: (error) => {
      logger.warn({ reason: String(error) }, 'no webhook of an engine could be looked for, trying again');
      return RETRY_MS;
    },
  });

  return underWay.endingWith(turns);
}
