import { z } from 'zod';
import type { PrismaClient } from '../database/database.ts';

/** What of an instance's row its engine and connection are told from. */
interface EngineColumns {
  readonly engineKind: string;
  readonly engineUrl: string | null;
  readonly engineName: string | null;
  readonly connectionState: string;
  readonly connectionTold: string;
  readonly connectionChangedAt: Date | null;
  readonly unreadEvents: number;
  readonly lastUnread: string;
  readonly lastUnreadAt: Date | null;
  readonly lastEventAt: Date | null;
  readonly usualSilence: number;
}

/** What is read of the row for that. */
export const engineColumns = {
  engineKind: true,
  engineUrl: true,
  engineName: true,
  connectionState: true,
  connectionTold: true,
  connectionChangedAt: true,
  unreadEvents: true,
  lastUnread: true,
  lastUnreadAt: true,
  lastEventAt: true,
  usualSilence: true,
} as const satisfies Record<keyof EngineColumns, true>;

/** How far Ponte has come with having events delivered to itself. */
export interface WebhookState {
  readonly isDone: boolean;
  readonly isTried: boolean;
  readonly lastError: string;
  readonly warnings: readonly string[];
}

const SECONDS_PER_HOUR = 3_600;
/** Silent for so many times its longest silence, an engine is suspected; never before, and always after, so many hours. */
const SUSPICIOUS = { times: 3, leastHours: 6, mostHours: 72 } as const;

/** The webhooks that are wished for these instances, by instance. */
export async function findWebhooks(prisma: PrismaClient, instanceIds: readonly string[]): Promise<Map<string, WebhookState>> {
  const rows = await prisma.engineWebhook.findMany({
    where: { instanceId: { in: [...instanceIds] }, wish: 'ours' },
    select: { instanceId: true, doneAt: true, attempts: true, lastError: true, warnings: true },
  });
  return new Map(
    rows.map(({ instanceId, doneAt, attempts, lastError, warnings }) => [
      instanceId,
      {
        isDone: doneAt !== null,
        isTried: doneAt !== null || (attempts > 0 && lastError !== ''),
        lastError,
        warnings: z.array(z.string()).catch([]).parse(warnings),
      },
    ]),
  );
}

/** What the owner should know of a webhook, as sentences. */
export const webhookWarnings = ({ isDone, lastError, warnings }: WebhookState): string[] => [
  ...(isDone || lastError === '' ? [] : [`its webhook could not be set yet, trying again: ${lastError}`]),
  ...warnings,
];

/** The engine of an instance, for `list`. */
export function engineView(row: EngineColumns, webhook: WebhookState | undefined, now: number = Date.now()) {
  const silence = silenceWarning(row, now);
  return {
    kind: row.engineKind,
    /** The operator's own is nobody's business. */
    url: row.engineUrl,
    name: row.engineName,
    webhook: webhookWord(webhook),
    warnings: [...(webhook === undefined ? [] : webhookWarnings(webhook)), ...(silence === undefined ? [] : [silence])],
    unread_events: row.unreadEvents,
    last_unread: row.lastUnreadAt === null ? null : { at: row.lastUnreadAt.toISOString(), reason: row.lastUnread },
    last_event_at: row.lastEventAt?.toISOString() ?? null,
  };
}

function webhookWord(webhook: WebhookState | undefined): 'not_set_by_ponte' | 'set' | 'pending' | 'failing' {
  if (webhook === undefined) return 'not_set_by_ponte';
  if (webhook.isDone) return 'set';
  return webhook.lastError === '' ? 'pending' : 'failing';
}

/** The connection of the phone, as told or found last; `disconnected` while nobody has told. */
export const connectionView = (row: EngineColumns) => ({
  state: row.connectionState || 'disconnected',
  told: row.connectionTold,
  changed_at: row.connectionChangedAt?.toISOString() ?? null,
});

function silenceWarning({ connectionState, lastEventAt, usualSilence }: EngineColumns, now: number): string | undefined {
  if (connectionState !== 'connected' || lastEventAt === null) return undefined;
  const hours = (now - lastEventAt.getTime()) / 1_000 / SECONDS_PER_HOUR;
  const { times, leastHours, mostHours } = SUSPICIOUS;
  const allowed = Math.min(mostHours, Math.max(leastHours, (times * usualSilence) / SECONDS_PER_HOUR));
  if (hours <= allowed) return undefined;
  return `the engine says that the phone is connected, but has told nothing for ${Math.floor(hours)} hours, longer than is usual here — send yourself a message, and look at its webhook if it does not arrive`;
}
