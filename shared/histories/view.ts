import { z } from 'zod';
import type { PrismaClient } from '../database/database.ts';

/**
 * How far an import of history is. `unsupported`: the engine cannot tell; `unable`: it could, were it set up to; `failed`: it did not, for
 * long; `stopped`: none was asked for any more. What had been read by then is in Chatwoot.
 */
export const historyStates = [
  'reading',
  'handing_over',
  'stopping',
  'done',
  'stopped',
  'unsupported',
  'unable',
  'failed',
] as const;
export const historyStateSchema = z.enum(historyStates);

export interface HistoryView {
  readonly days: number;
  readonly state: (typeof historyStates)[number];
  /** Messages that the engine has told so far, and those of them that were handed to the bridge. */
  readonly found: number;
  readonly handed_over: number;
  readonly finished_at: string | null;
  readonly warnings: readonly string[];
}

/** The import of history that was asked for with the integration of an instance; undefined where none was. */
export async function findHistory(prisma: PrismaClient, instanceId: string): Promise<HistoryView | undefined> {
  const row = await prisma.engineHistory.findUnique({ where: { instanceId } });
  if (row === null) return undefined;
  const state = historyStateSchema.parse(row.state);
  return {
    days: row.days,
    state,
    found: row.found,
    handed_over: row.handedOver,
    finished_at: row.finishedAt?.toISOString() ?? null,
    warnings: warningsOf(state, row),
  };
}

export const HISTORY_UNSUPPORTED =
  'importHistoryDays has no effect: this engine cannot tell what was written before — Evolution API and WAHA can';

function warningsOf(state: HistoryView['state'], { lastError, isCut }: { lastError: string; isCut: boolean }): string[] {
  const cut = isCut ? ['there was more history than is imported: the oldest messages were left out'] : [];
  switch (state) {
    case 'unsupported':
      return [HISTORY_UNSUPPORTED];
    case 'unable':
      return [`history cannot be imported: ${lastError}`];
    case 'failed':
      return [`history could not be imported to its end: ${lastError} — activate again to have it tried again`, ...cut];
    default:
      return [...(lastError === '' ? [] : [`history is read later than it should be, trying again: ${lastError}`]), ...cut];
  }
}
