import { z } from 'zod';
import type { Prisma, PrismaClient } from '../../shared/database/database.ts';
import { errorCodes } from '../../shared/errors/catalogue.ts';

export const STATES = ['pending', 'running', 'succeeded', 'failed'] as const;
const PAGE_SIZE = 50;

// Nothing that PostgreSQL cannot even be asked for.
const text = z
  .string()
  .transform((value) =>
    value
      .replace(/[\p{Cc}\p{Surrogate}]/gu, '')
      .trim()
      .slice(0, 200),
  )
  .catch('');
/** `2026-01-31T12:00`, as browsers send it; taken as UTC. */
const when = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/)
  .refine((value) => !Number.isNaN(Date.parse(`${value}Z`)))
  .catch('');
const outcome = z.enum(['', ...STATES, ...errorCodes]).catch('');
/** Where the next page begins: the moment and the id of the last row of this one. */
const cursor = z
  .string()
  .regex(/^\d{10,16}_[\w-]{1,40}$/)
  .catch('');

export const searchSchema = z.object({
  instance: text.default(''),
  account: text.default(''),
  outcome: outcome.default(''),
  from: when.default(''),
  to: when.default(''),
  after: cursor.default(''),
});
/** What was asked for; an empty field asks for nothing. What makes no sense counts as empty. */
export type Search = z.output<typeof searchSchema>;

export interface Found {
  readonly rows: readonly FoundActivation[];
  /** For the link to the next page; undefined on the last one. */
  readonly next: string | undefined;
}
export type FoundActivation = Prisma.ActivationGetPayload<{ select: typeof SELECT }>;

const SELECT = {
  id: true,
  state: true,
  attempt: true,
  settings: true,
  error: true,
  createdAt: true,
  finishedAt: true,
  instance: { select: { name: true, account: { select: { name: true } } } },
} as const satisfies Prisma.ActivationSelect;

/** Activations, the newest first, fifty at a time. Never the token, nor the hash that tells requests apart. */
export async function searchActivations(prisma: PrismaClient, search: Search): Promise<Found> {
  const rows = await prisma.activation.findMany({
    where: { AND: [...conditions(search)] },
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    take: PAGE_SIZE + 1,
    select: SELECT,
  });
  const shown = rows.slice(0, PAGE_SIZE);
  const last = shown.at(-1);
  return { rows: shown, next: rows.length > PAGE_SIZE && last ? `${last.createdAt.getTime()}_${last.id}` : undefined };
}

function* conditions({ instance, account, outcome: wanted, from, to, after }: Search): Generator<Prisma.ActivationWhereInput> {
  if (instance !== '') yield { instance: { name: { contains: instance, mode: 'insensitive' } } };
  if (account !== '') {
    yield { instance: { account: { OR: [{ id: account }, { name: { contains: account, mode: 'insensitive' } }] } } };
  }
  const state = STATES.find((candidate) => candidate === wanted);
  if (state !== undefined) yield { state };
  else if (wanted !== '') yield { error: { path: ['code'], equals: wanted } };
  if (from !== '') yield { createdAt: { gte: new Date(`${from}Z`) } };
  if (to !== '') yield { createdAt: { lte: new Date(`${to}Z`) } };
  const [, at, id] = /^(\d+)_(.+)$/.exec(after) ?? [];
  if (at === undefined || id === undefined) return;
  const createdAt = new Date(Number(at));
  if (!Number.isNaN(createdAt.getTime())) yield { OR: [{ createdAt: { lt: createdAt } }, { createdAt, id: { lt: id } }] };
}
