import { pino } from 'pino';
import { createDatabase, type Database } from '../../shared/database/database.ts';
import { createKeyring } from '../../shared/encryption/keyring.ts';
import { parseKeys } from '../../shared/encryption/keys.ts';
import { createEngineOpener } from '../../shared/engines/open-engine.ts';
import { findHistory, type HistoryView } from '../../shared/histories/view.ts';
import { createGuardedAgents } from '../../shared/http/guarded-agents.ts';
import { createHandOver } from '../../worker/histories/hand-over.ts';
import { createHistoryKeeper } from '../../worker/histories/histories.ts';
import { createHistoryReading } from '../../worker/histories/read.ts';
import { createEngineRelay, type EngineRelay, type PairedEngine } from './engine-relay.ts';
import { waitFor } from './wait-for.ts';

const ACCOUNT = 5;
const DAY_MS = 86_400_000;
/** How often a test looks for what is due. */
export const QUICK = { everyMs: 100, askEveryMs: 1_000, lookAgainMs: 2_000 };
const silent = pino({ level: 'silent' });

/** So many minutes before now, on a whole second. */
export const ago = (minutes: number): string => new Date(Math.floor(Date.now() / 1_000) * 1_000 - minutes * 60_000).toISOString();

export interface Importing {
  readonly relay: EngineRelay;
  readonly database: Database;
  readonly instanceId: string;
  /** Has the history of so many days imported, as an activation at that time would. */
  begin(days: number, activatedAt?: Date): Promise<void>;
  /** Whoever brings imports about; ended by `end`, as by a worker that is stopped. */
  keep(): { end(): Promise<void> };
  view(): Promise<HistoryView>;
  /** Until there is nothing left to be done. */
  ended(state?: HistoryView['state']): Promise<HistoryView>;
  /** What agents see of the conversation in which a message stands, first to last: direction, text without its time, private or not. */
  thread(conversationId: number): { direction: string; said: string }[];
  conversation(conversationId: number): { status: string; displayId: number };
}

/** An engine with a past, and whoever brings that into Chatwoot: the worker's own parts, without its queue. */
export async function createImporting(paired: PairedEngine): Promise<Importing> {
  const relay = await createEngineRelay(paired);
  const { harness, chatwoot } = relay;
  const database = createDatabase({ url: harness.databaseUrl, poolSize: 4 });
  const parsed = parseKeys(harness.env.ENCRYPTION_KEYS ?? '');
  if ('fault' in parsed) throw new Error(parsed.fault);
  const open = createEngineOpener({
    keyring: createKeyring(parsed.keys),
    defaultUrl: undefined,
    defaultToken: undefined,
    agents: createGuardedAgents(true, 'ENGINE_ALLOW_PRIVATE_NETWORK'),
  });
  const { id: instanceId } = await database.prisma.instance.findFirstOrThrow();
  // What the fixture has set by itself.
  await database.prisma.engineWebhook.updateMany({ data: { doneAt: new Date() } });
  const view = async () => {
    const found = await findHistory(database.prisma, instanceId);
    if (found === undefined) throw new Error('no import was asked for');
    return found;
  };
  return {
    relay,
    database,
    instanceId,
    view,
    async begin(days, activatedAt = new Date()) {
      await database.prisma.engineHistory.deleteMany();
      const { bridgeIntegrationId } = await database.prisma.chatwootIntegration.findFirstOrThrow();
      const since = new Date(activatedAt.getTime() - days * DAY_MS);
      const data = { instanceId, bridgeIntegrationId, days, state: 'reading', activatedAt, since, nextAttemptAt: new Date(0) };
      await database.prisma.engineHistory.create({ data: { ...data, claimedUntil: new Date(0) } });
    },
    keep() {
      const keeper = createHistoryKeeper({
        prisma: database.prisma,
        read: createHistoryReading({ ...database, open, pauses: { firstMs: 50, maxMs: 100 }, logger: silent }),
        handOver: createHandOver({ ...database, logger: silent }),
        timeouts: QUICK,
        logger: silent,
      });
      keeper.start();
      return { end: keeper.stop };
    },
    ended: (state = 'done') =>
      waitFor(
        async () => {
          const found = await view();
          return found.finished_at !== null && found.state === state ? found : undefined;
        },
        { describe: `the import ending as ${state}`, timeoutMs: 90_000 },
      ),
    thread: (conversationId) =>
      relay
        .messages()
        .filter((message) => message.conversationId === conversationId && message.messageType !== 'activity')
        .map(({ messageType, private: isPrivate, content }) => ({
          direction: isPrivate ? 'note' : messageType,
          said: (content ?? '').replace(/^(\*\*.*:\*\*\n)?🕓 \d+ [A-Z][a-z]{2} \d{4}, \d\d:\d\d UTC\n/, '$1'),
        })),
    conversation(conversationId) {
      const found = chatwoot.state.conversations(ACCOUNT).find(({ id }) => id === conversationId);
      if (!found) throw new Error('the conversation is gone');
      return found;
    },
  };
}
