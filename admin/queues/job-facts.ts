import { activationErrorSchema } from '../../shared/activations/error.ts';
import { activationSettingsSchema } from '../../shared/activations/settings.ts';
import type { PrismaClient } from '../../shared/database/database.ts';

/** What an operator wants to know of a job. The queue knows only an id; all of this comes from PostgreSQL. */
export interface JobFacts {
  /** One line for a list. */
  readonly title: string;
  readonly fields: Readonly<Record<string, string | number>>;
  /** Why it failed, with the next step; undefined where it did not. */
  readonly error: string | undefined;
  /** The page that tells more. */
  readonly href: string;
}

export type ReadJobFacts = (ids: readonly string[]) => Promise<ReadonlyMap<string, JobFacts>>;

/** Facts about jobs of the queue of activations; the id of the job is the activation's. */
export function createActivationFacts({ prisma }: { prisma: PrismaClient }): ReadJobFacts {
  return async (ids) => {
    const rows = await prisma.activation.findMany({
      where: { id: { in: [...ids] } },
      select: {
        id: true,
        state: true,
        attempt: true,
        settings: true,
        error: true,
        requestId: true,
        createdAt: true,
        finishedAt: true,
        instance: { select: { name: true, account: { select: { name: true } } } },
      },
    });
    return new Map(
      rows.map((row) => {
        const error = activationErrorSchema.safeParse(row.error).data;
        const host = hostOf(activationSettingsSchema.safeParse(row.settings).data?.chatwootBaseUrl);
        const outcome = error?.code ?? row.state;
        const fields = {
          instance: row.instance.name,
          account: row.instance.account.name,
          chatwootHost: host,
          state: row.state,
          outcome,
          attempt: row.attempt,
          durationMs: (row.finishedAt ?? new Date()).getTime() - row.createdAt.getTime(),
          requestId: row.requestId ?? '',
        };
        const title = `${row.instance.name} → ${host}: ${outcome}`;
        const message = error === undefined ? undefined : `${error.code}: ${error.message}`;
        return [row.id, { title, fields, error: message, href: `/admin/activations/${row.id}` }] as const;
      }),
    );
  };
}

/** Facts about jobs of the queue of removals. */
export function createRemovalFacts({ prisma }: { prisma: PrismaClient }): ReadJobFacts {
  return async (ids) => {
    const rows = await prisma.removal.findMany({ where: { id: { in: [...ids] } } });
    return new Map(
      rows.map((row) => {
        const fields = { instance: row.instanceName, reason: row.reason, state: row.state, attempt: row.attempts };
        const title = `${row.instanceName} (${row.reason}): ${row.state}`;
        const error = row.lastError === '' ? undefined : row.lastError;
        return [row.id, { title, fields, error, href: `/admin/removals?id=${row.id}` }] as const;
      }),
    );
  };
}

export const hostOf = (url: string | undefined): string =>
  url !== undefined && URL.canParse(url) ? new URL(url).host : 'unknown';
