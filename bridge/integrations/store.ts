import { eachFlag, type FlagName } from '../../shared/activations/flags.ts';
import { type Database, type Prisma, uniqueViolation } from '../../shared/database/database.ts';
import { notify } from '../../shared/database/notify.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import { createGathering } from '../../shared/gathering.ts';
import { accountUrl } from '../chatwoot/call.ts';
import { INTEGRATIONS_CHANNEL } from '../leases/queries/leases.ts';
import type { LockKey } from '../leases/queries/locks.ts';
import type { IntegrationRow } from './integration-row.ts';
import type { KeptInbox } from './old-inbox.ts';
import { type Activated, activate } from './queries/activate.ts';
import { beginRemoval } from './queries/begin-removal.ts';
import { findByWebhookKeys } from './queries/by-webhook-key.ts';
import { findForActivation } from './queries/find-for-activation.ts';
import { writeInboxFault } from './queries/write-inbox-fault.ts';
import { unusedSecrets } from './secrets.ts';

export type { IntegrationRow };
export type NewIntegration = Omit<Prisma.BridgeIntegrationUncheckedCreateInput, 'state' | 'status'>;
/** What an activation sets, on a new row as on one that it changes. */
export type IntegrationSettings = Pick<
  IntegrationRow,
  'instanceName' | 'ryzeapiUrl' | 'chatwootToken' | 'inboxName' | 'language' | 'accountLocale' | FlagName
>;

export type IntegrationStore = ReturnType<typeof createIntegrationStore>;

/** Chatwoot tells of every message that is posted: hundreds of one integration must not stand in front of the others. */
const LOOKED_UP_TOGETHER = { width: 1, most: 50, silentMs: 250 };

/** Which activation made an integration; the one that last changed it is `idempotencyKey`. */
export const makerOf = (row: IntegrationRow): string => row.madeByKey ?? row.idempotencyKey;

/** The address of its account in Chatwoot. */
export const accountOf = (row: IntegrationRow): string =>
  accountUrl({ baseUrl: row.chatwootBaseUrl, accountId: row.chatwootAccountId }, '');

const held = ({ id, leaseEpoch }: IntegrationRow) => ({ id, leaseEpoch, state: 'active' as const });
const tellBridges = (tx: Prisma.TransactionClient, id: string) => notify(tx, INTEGRATIONS_CHANNEL, id);

/**
 * The rows of the bridge's integrations, and every change of their state. A change names the state it starts from and answers false when
 * the row was in another one: whoever comes second learns it. All bridges are told of what concerns them by notification.
 */
export function createIntegrationStore({ prisma, pool }: Pick<Database, 'prisma' | 'pool'>) {
  const table = prisma.bridgeIntegration;
  return {
    byId: (id: string): Promise<IntegrationRow | null> => table.findUnique({ where: { id } }),
    /** To be kept: Prisma's own objects are hash tables, of 6 kB each for so many columns; a copy is as small as an object can be. */
    byIds: async (ids: readonly string[]): Promise<IntegrationRow[]> =>
      ids.length === 0 ? [] : (await table.findMany({ where: { id: { in: [...ids] } } })).map((row) => ({ ...row })),
    byKey: (idempotencyKey: string): Promise<IntegrationRow | null> => table.findUnique({ where: { idempotencyKey } }),
    /** What an activation made or last changed. */
    byActivation: (key: string): Promise<IntegrationRow | null> =>
      table.findFirst({ where: { OR: [{ idempotencyKey: key }, { madeByKey: key }] } }),
    forActivation: (asked: { key: string; instanceId: string }) => findForActivation(pool, asked),
    byWebhookKey: createGathering<string, IntegrationRow | null>({
      ...LOOKED_UP_TOGETHER,
      ask: (hashes) => findByWebhookKeys(pool, hashes),
    }),
    activeOf: (instanceId: string): Promise<IntegrationRow | null> =>
      table.findFirst({ where: { instanceId, state: 'active' }, orderBy: { createdAt: 'desc' } }),

    /** Writes a row in state `creating`; undefined when its key has one already. */
    async insert(values: NewIntegration): Promise<IntegrationRow | undefined> {
      try {
        return await table.create({ data: { ...values, state: 'creating' } });
      } catch (error) {
        if (uniqueViolation(error) === undefined) throw error;
        return undefined;
      }
    },
    /** From now on, for so long, the next webhook is a proof: see `proven`. */
    awaitProof: async (id: string, forMs: number): Promise<void> => {
      await prisma.$executeRaw`UPDATE bridge_integrations
        SET proof_awaited_until = now() + make_interval(secs => ${forMs / 1_000}::float8) WHERE id = ${id}`;
    },
    endProof: async (id: string): Promise<void> => {
      await table.updateMany({ where: { id }, data: { proofAwaitedUntil: null } });
    },
    /** A webhook has arrived that was waited for. */
    proven: async (id: string): Promise<void> => {
      await prisma.$executeRaw`UPDATE bridge_integrations SET proof_awaited_until = NULL, proven_at = now()
        WHERE id = ${id} AND proof_awaited_until > now()`;
    },
    update: (id: string, data: Prisma.BridgeIntegrationUncheckedUpdateInput): Promise<IntegrationRow> =>
      table.update({ where: { id }, data }),
    /** Keeps another secret of the inbox than that of the row, and the row's own as the one before; not where somebody was faster. */
    renewWebhookSecret: async (
      { id, webhookSecret: before }: IntegrationRow,
      webhookSecret: string | null,
      at: Date,
    ): Promise<void> => {
      const data = { webhookSecret, webhookSecretBefore: before, webhookSecretChangedAt: at };
      await table.updateMany({ where: { id, webhookSecret: before }, data });
    },
    /** Forgets a row of which nothing exists in Chatwoot. */
    discard: async (id: string): Promise<void> => {
      await table.deleteMany({ where: { id, state: 'creating' } });
    },
    /** What a look at the inbox has found, written only by who runs the integration: its name in Chatwoot, and what was put right. */
    renamed: (row: IntegrationRow, inboxName: string): Promise<unknown> =>
      table.updateMany({ where: held(row), data: { inboxName } }),
    repaired: (row: IntegrationRow, inboxRepaired: string): Promise<unknown> =>
      table.updateMany({ where: held(row), data: { inboxRepaired } }),
    /** Why the inbox cannot be used, or '' when it can; answers whether that is news. */
    inboxFault: (row: IntegrationRow, fault: string): Promise<boolean> => writeInboxFault(prisma, row, fault),
    /** No inbox that nobody knows of can appear any more. */
    clearCreateSent: async ({ id, createSentAt }: IntegrationRow): Promise<void> => {
      await table.updateMany({ where: { id, createSentAt }, data: { createSentAt: null } });
    },

    activate: (
      row: IntegrationRow,
      activated: Activated,
      and: { kept: KeptInbox | undefined; lock: LockKey },
    ): Promise<IntegrationRow | undefined> => activate(pool, row, activated, and),

    /** An active integration takes over the settings and the key of `candidate`, whose row goes. */
    change: (candidate: IntegrationRow, target: IntegrationRow, data: Partial<IntegrationRow>): Promise<boolean> =>
      prisma.$transaction(async (tx) => {
        const { count } = await tx.bridgeIntegration.deleteMany({ where: { id: candidate.id, state: 'creating' } });
        if (count === 0) return false;
        const changed = await tx.bridgeIntegration.updateMany({
          where: { id: target.id, state: 'active' },
          data: {
            ...data,
            idempotencyKey: candidate.idempotencyKey,
            madeByKey: makerOf(target),
            status: 'active',
            lastError: '',
          },
        });
        // Somebody else has had this instance meanwhile; thrown, so that the candidate's row stays.
        if (changed.count === 0) throw new PonteError('bridge_busy');
        await tellBridges(tx, target.id);
        return true;
      }),

    beginRemoval: (row: IntegrationRow, by: { isUndoing: boolean }): Promise<IntegrationRow> => beginRemoval(pool, row, by),
    /** The end. The row stays for a while, so that a late activation with its key is refused; its secrets do not. */
    endRemoval: async (id: string): Promise<void> => {
      await table.update({
        where: { id },
        data: {
          state: 'removed',
          chatwootToken: '',
          webhookKey: '',
          webhookSecret: null,
          webhookSecretBefore: null,
          adoptedWebhookUrl: null,
        },
      });
    },

    /**
     * The end of an integration whose inbox stays in Chatwoot: its row stays, too, so that replies written there are refused with the reason;
     * what it could call Chatwoot with goes.
     */
    leave: async (id: string): Promise<void> => {
      await table.updateMany({
        where: { id, state: 'superseded' },
        data: { state: 'left', chatwootToken: '', webhookSecret: null },
      });
    },

    /** Makes a key unusable of which nothing is known (yet); false when something is known after all. */
    async bury(key: string): Promise<boolean> {
      try {
        await table.create({ data: tombstone(key) });
        return true;
      } catch (error) {
        if (uniqueViolation(error) === undefined) throw error;
        return false;
      }
    },
    /**
     * An activation that shares its integration with another one is undone: the integration is the other one's alone from now on, and the
     * key is made unusable.
     */
    handOver: (row: IntegrationRow, key: string): Promise<void> =>
      prisma.$transaction(async (tx) => {
        const remaining = row.idempotencyKey === key ? makerOf(row) : row.idempotencyKey;
        await tx.bridgeIntegration.update({ where: { id: row.id }, data: { idempotencyKey: remaining, madeByKey: null } });
        await tx.bridgeIntegration.create({ data: tombstone(key) });
      }),

    /** Rows in `creating` that no activation can still be working on. */
    abandoned: (before: Date, limit: number): Promise<IntegrationRow[]> =>
      table.findMany({ where: { state: 'creating', updatedAt: { lt: before } }, orderBy: { updatedAt: 'asc' }, take: limit }),
    removeExpired: async (before: Date): Promise<number> =>
      (await table.deleteMany({ where: { state: 'removed', updatedAt: { lt: before } } })).count,
  };
}

/** The row of a key that was called off: everything that a row must have, and nothing else. */
const tombstone = (key: string): Prisma.BridgeIntegrationUncheckedCreateInput => ({
  ...unusedSecrets(),
  idempotencyKey: key,
  state: 'removed',
  instanceId: '',
  instanceName: '',
  ryzeapiUrl: '',
  chatwootBaseUrl: '',
  chatwootAccountId: 0,
  inboxName: '',
  ...eachFlag(() => false),
});
