import { z } from 'zod';
import { type IntegrationOverview, overviewSchema, troubledSchema } from '../../../shared/contracts/overview.ts';
import type { Prisma, PrismaClient } from '../../../shared/database/database.ts';
import { connectionView, engineColumns, engineView, findWebhooks } from '../../../shared/instances/engine-view.ts';
import type { AskBridge, Asked } from '../../bridge-questions.ts';
import { countWaitingEvents } from '../queries/waiting-events.ts';

export const PAGE_SIZE = 50;
export const SHOWN = ['all', 'attention', 'active', 'inactive'] as const;
export type Shown = (typeof SHOWN)[number];

export const searchSchema = z.object({
  q: z
    .string()
    // Nothing that PostgreSQL cannot even be asked for.
    .transform((text) =>
      text
        .replace(/[\p{Cc}\p{Surrogate}]/gu, '')
        .trim()
        .slice(0, 100),
    )
    .catch(''),
  show: z.enum(SHOWN).catch('all'),
  page: z.coerce.number().int().min(1).max(100_000).catch(1),
});
export type Search = z.output<typeof searchSchema>;

const SELECT = {
  id: true,
  accountId: true,
  name: true,
  ...engineColumns,
  createdAt: true,
  account: { select: { name: true } },
  integration: { omit: { chatwootToken: true }, include: { history: true } },
  activations: { where: { state: { in: ['pending', 'running'] } }, select: { id: true }, take: 1 },
} as const satisfies Prisma.InstanceSelect;
type Row = Prisma.InstanceGetPayload<{ select: typeof SELECT }>;

/** An instance with what is known of it now. */
export interface InstanceView
  extends Pick<Row, 'id' | 'accountId' | 'name' | 'engineKind' | 'engineUrl' | 'engineName' | 'createdAt'> {
  readonly accountName: string;
  readonly integration: NonNullable<Row['integration']> | undefined;
  /** The WhatsApp API as far as it has told, and the phone's connection. */
  readonly engine: ReturnType<typeof engineView>;
  readonly connection: ReturnType<typeof connectionView>;
  readonly isActivating: boolean;
  readonly waitingToChatwoot: number;
  /** What the bridge has recorded; `absent` also where nothing is activated. */
  readonly overview: Asked<IntegrationOverview>;
}

export interface Found {
  readonly rows: readonly InstanceView[];
  /** Of what fits the search, in each of the lists. */
  readonly counts: Readonly<Record<Shown, number>>;
  /** Whether the bridge has answered. */
  readonly isLive: boolean;
}

export interface InstanceReader {
  /** Reads one page of the instances that `scope` allows, by name. */
  search(scope: Prisma.InstanceWhereInput, search: Search): Promise<Found>;
  /** Reads one instance; undefined where `where` fits none. */
  one(where: Prisma.InstanceWhereInput): Promise<InstanceView | undefined>;
}

/** `ask` is undefined where there is no bridge. */
export function createInstanceReader({ prisma, ask }: { prisma: PrismaClient; ask: AskBridge | undefined }): InstanceReader {
  async function overviewOf(ids: readonly string[]): Promise<Asked<Map<string, IntegrationOverview>>> {
    if (ids.length === 0) return { kind: 'ok', value: new Map() };
    const asked = await ask?.({ method: 'POST', path: '/v1/overview', json: { ids }, answer: overviewSchema });
    if (asked?.kind !== 'ok') return { kind: 'away' };
    return { kind: 'ok', value: new Map(asked.value.integrations.map((one) => [one.id, one])) };
  }

  async function view(rows: readonly Row[]): Promise<InstanceView[]> {
    const activated = rows.filter((row) => row.integration !== null);
    const [overview, waiting, webhooks] = await Promise.all([
      overviewOf(activated.flatMap(({ integration }) => integration?.bridgeIntegrationId ?? [])),
      countWaitingEvents(
        prisma,
        activated.map(({ id }) => id),
      ),
      findWebhooks(
        prisma,
        rows.map(({ id }) => id),
      ),
    ]);
    return rows.map(({ account, integration, activations, ...row }) => ({
      ...row,
      accountName: account.name,
      integration: integration ?? undefined,
      engine: engineView(row, webhooks.get(row.id)),
      connection: connectionView(row),
      isActivating: activations.length > 0,
      waitingToChatwoot: waiting.get(row.id) ?? 0,
      overview: ofOne(overview, integration?.bridgeIntegrationId),
    }));
  }

  /** Those that the bridge finds wanting attention. */
  async function troubled(): Promise<string[] | undefined> {
    const asked = await ask?.({ method: 'GET', path: '/v1/overview/troubled', answer: troubledSchema });
    return asked?.kind === 'ok' ? asked.value.ids : undefined;
  }

  return {
    async search(scope, { q, show, page }) {
      const fits: Prisma.InstanceWhereInput =
        q === '' ? scope : { AND: [scope, { name: { contains: escaped(q), mode: 'insensitive' } }] };
      const ids = troubled();
      const filters: Record<Shown, () => Promise<Prisma.InstanceWhereInput>> = {
        all: async () => fits,
        attention: async () => ({ AND: [fits, { integration: { bridgeIntegrationId: { in: (await ids) ?? [] } } }] }),
        active: async () => ({ AND: [fits, { integration: { isNot: null } }] }),
        inactive: async () => ({ AND: [fits, { integration: null }] }),
      };
      const count = async (which: Shown): Promise<number> => prisma.instance.count({ where: await filters[which]() });
      const readPage = async (): Promise<InstanceView[]> => {
        const rows = await prisma.instance.findMany({
          where: await filters[show](),
          orderBy: [{ name: 'asc' }, { id: 'asc' }],
          skip: (page - 1) * PAGE_SIZE,
          take: PAGE_SIZE,
          select: SELECT,
        });
        return view(rows);
      };
      const [rows, all, active, attention] = await Promise.all([readPage(), count('all'), count('active'), count('attention')]);
      return {
        rows,
        counts: { all, attention, active, inactive: all - active },
        isLive: (await ids) !== undefined && rows.every(({ overview }) => overview.kind !== 'away'),
      };
    },
    async one(where) {
      const row = await prisma.instance.findFirst({ where, select: SELECT });
      return row === null ? undefined : (await view([row]))[0];
    },
  };
}

/** `%` and `_` are letters like others to people. */
const escaped = (text: string): string => text.replace(/[\\%_]/g, '\\$&');

function ofOne(overview: Asked<Map<string, IntegrationOverview>>, id: string | undefined): Asked<IntegrationOverview> {
  if (overview.kind !== 'ok') return id === undefined ? { kind: 'absent' } : overview;
  const value = overview.value.get(id ?? '');
  return value === undefined ? { kind: 'absent' } : { kind: 'ok', value };
}
