import {
  type BridgeNotification,
  bridgeNotificationSchema,
  bridgeNotificationsSchema,
} from '../../shared/contracts/notifications.ts';
import type { PrismaClient } from '../../shared/database/database.ts';
import { exchange } from '../../shared/http/exchange.ts';
import { parseJson } from '../../shared/http/parse-json.ts';
import type { Logger } from '../../shared/logging/logger.ts';
import { createTurns, type Turns } from '../../shared/turns.ts';
import type { WorkerTimeouts } from '../timeouts.ts';
import { type CollectedEvent, isAnybodyTold, notifyEndpoints } from './queries/collect.ts';

const LIMITS = { connectTimeoutMs: 2_000, timeoutMs: 5_000, maxResponseBytes: 1_048_576 };
const RETRY_MS = 10_000;
/** A bridge of another make, or of the version before, has nothing of it to tell. */
const UNKNOWN_MS = 300_000;

/**
 * Fetches from the bridge, which may have a database of its own, what integrations have to tell of themselves, and writes it down for whoever
 * wants to hear of it; only then is the bridge told to forget it. It is not asked while nobody wants to hear of anything.
 */
export function createCollection(deps: {
  prisma: PrismaClient;
  bridge: { readonly url: string; readonly token: string };
  /** Something was written. */
  onCollected: () => void;
  timeouts: WorkerTimeouts['notifications'];
  logger: Logger;
}): Turns {
  const { prisma, bridge, logger, timeouts } = deps;
  const headers = { authorization: `Bearer ${bridge.token}` };
  const ask = (path: string, json: unknown, signal: AbortSignal) =>
    exchange({ method: 'POST', url: `${bridge.url}${path}`, headers, json, signal, ...LIMITS });

  async function collect(signal: AbortSignal): Promise<number> {
    if (!(await isAnybodyTold(prisma))) return timeouts.everyMs;
    const answer = await ask('/v1/notifications/fetch', {}, signal);
    if (answer.kind === 'failed') return RETRY_MS;
    const told = bridgeNotificationsSchema.safeParse(answer.cut ? undefined : parseJson(answer.body));
    if (answer.status !== 200 || !told.success) return answer.status === 404 ? UNKNOWN_MS : RETRY_MS;
    const known = told.data.notifications.flatMap((item) => bridgeNotificationSchema.safeParse(item).data ?? []);
    if (known.length === 0) return timeouts.everyMs;
    await notifyEndpoints(prisma, known.map(collected));
    deps.onCollected();
    const forgotten = await ask('/v1/notifications/forget', { ids: known.map(({ id }) => id) }, signal);
    // What it still has comes again, and is recognised.
    return forgotten.kind === 'response' && forgotten.status === 200 ? 0 : RETRY_MS;
  }

  return createTurns({
    work: collect,
    onError: (error) => {
      logger.warn({ reason: String(error) }, 'what the bridge has to tell could not be fetched, trying again');
      return RETRY_MS;
    },
  });
}

function collected({ id, type, instance_id, age_ms, inbox_id, inbox_name, ...rest }: BridgeNotification): CollectedEvent {
  const inbox = inbox_id === null ? null : { id: inbox_id, name: inbox_name };
  return { id, type, instanceId: instance_id, facts: { ...rest, inbox }, ageMs: age_ms };
}
