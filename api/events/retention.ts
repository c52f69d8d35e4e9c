import type { PrismaClient } from '../../shared/database/database.ts';
import type { Logger } from '../../shared/logging/logger.ts';

export interface Retention {
  start(): void;
  /** Resolves when the turn under way has ended. */
  stop(): Promise<void>;
  /** Removes now what is due; answers how many events that were. */
  run(): Promise<number>;
}

const PAUSE_MS = 600_000;
const BATCH = 500;
// Longer than an activation takes: what came in while it was under way is its own.
const UNWANTED_AFTER = '1 hour';

/**
 * Removes events that Chatwoot has had for so many days (until then a second delivery of one is recognised), and those that nobody will
 * fetch any more because their instance has no integration. In batches, so that no table is locked for long; several processes that
 * do it at once pass over each other's rows.
 */
export function createRetention(deps: { prisma: PrismaClient; keepDays: number; logger: Logger }): Retention {
  const { prisma, keepDays, logger } = deps;
  let timer: NodeJS.Timeout | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  let stopped = false;

  const acknowledged = () => prisma.$executeRaw`
    DELETE FROM engine_events WHERE (instance_id, sequence) IN (
      SELECT instance_id, sequence FROM engine_events
       WHERE acked_at < now() - make_interval(days => ${keepDays}::integer)
       LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)`;
  const unwanted = () => prisma.$executeRaw`
    DELETE FROM engine_events WHERE (instance_id, sequence) IN (
      SELECT e.instance_id, e.sequence FROM engine_events e
       WHERE e.acked_at IS NULL AND e.received_at < now() - ${UNWANTED_AFTER}::interval
         AND NOT EXISTS (SELECT FROM chatwoot_integrations c WHERE c.instance_id = e.instance_id)
         AND NOT EXISTS (SELECT FROM activations a WHERE a.instance_id = e.instance_id AND a.state IN ('pending', 'running'))
       LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)`;

  async function run(): Promise<number> {
    let removed = 0;
    for (const remove of [acknowledged, unwanted]) {
      let count = BATCH;
      while (count === BATCH && !stopped) {
        count = await remove();
        removed += count;
      }
    }
    return removed;
  }

  function plan(): void {
    timer = setTimeout(
      () => {
        turn = run()
          .then((removed) => {
            if (removed > 0) logger.info({ removed }, 'old events were removed');
          })
          .catch((error: unknown) =>
            logger.warn({ reason: String(error) }, 'old events could not be removed, trying again later'),
          )
          .finally(() => {
            if (!stopped) plan();
          });
      },
      // Uneven, so that processes started together do not clean up together.
      PAUSE_MS * (0.5 + Math.random() / 2),
    );
  }

  return {
    start: plan,
    run,
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await turn;
    },
  };
}
