import type { PrismaClient } from '../../../shared/database/database.ts';
import { phoneFault } from '../../../shared/engines/phone-fault.ts';
import type { Logger } from '../../../shared/logging/logger.ts';
import { cutTo } from '../../../shared/text/cut.ts';
import type { IntegrationRow } from '../../integrations/store.ts';
import type { LastDeliveries } from './last-deliveries.ts';
import { writePhoneState, writeStatus } from './queries/write-health.ts';

/** How an integration is, as `list` shows it: kept in its row, so that every process and every restart knows. */
export interface Health {
  /** Something is wrong until `mended`; `source` tells the troubles apart that there may be at once. */
  fault(source: string, reason: string): void;
  mended(source: string): void;
  /** Something that somebody should look at though nothing is wrong: shown for a day while there is no trouble. */
  notice(reason: string): void;
  /** A message has reached Chatwoot. */
  delivered(): void;
  /** The row was changed by somebody else: what we have to say of it is due again. */
  rewrite(): void;
  setPhone(state: string): Promise<void>;
  /** The end: resolves when everything is written. */
  stop(): Promise<void>;
}

const REASON_LENGTH = 1_000;
/** A trouble of an earlier run that has not shown again by then is over. */
const INHERITED_FAULT_MS = 10_000;
const NOTICE_MS = 24 * 3_600_000;

export function createHealth(deps: {
  prisma: PrismaClient;
  row: IntegrationRow;
  lastDeliveries: Pick<LastDeliveries, 'note'>;
  logger: Logger;
}): Health {
  const { prisma, row, logger } = deps;
  const faults = new Map<string, string>();
  let phone = row.phoneState;
  // Only a notice stands there without a trouble.
  let notice = String(row.status) === 'active' ? row.lastError : '';
  let noticeTimer = setTimeout(dropNotice, NOTICE_MS);
  let shown = { status: String(row.status), lastError: row.lastError };
  let writing: Promise<void> = Promise.resolve();
  const inherited = setTimeout(write, INHERITED_FAULT_MS);

  function state(): typeof shown {
    const [reason] = faults.values();
    if (reason !== undefined) return { status: 'error', lastError: cutTo(reason, REASON_LENGTH) };
    return phone === '' ? { status: 'active', lastError: notice } : { status: 'paused', lastError: phoneFault(phone) };
  }

  function write(): void {
    const { status, lastError } = state();
    if (status === shown.status && lastError === shown.lastError) return;
    if (status !== shown.status)
      logger.info({ integrationId: row.id, status, reason: lastError }, 'the state of an integration changed');
    shown = { status, lastError };
    enqueue(() => writeStatus(prisma, row, { status, lastError }));
  }

  function dropNotice(): void {
    notice = '';
    write();
  }

  function enqueue(statement: () => Promise<unknown>): void {
    writing = writing.then(statement).then(
      () => {},
      (error: unknown) => {
        shown = { status: '', lastError: '' };
        logger.warn({ integrationId: row.id, reason: String(error) }, 'the state of an integration could not be written');
      },
    );
  }

  return {
    fault(source, reason) {
      faults.set(source, reason);
      write();
    },
    mended(source) {
      faults.delete(source);
      write();
    },
    notice(reason) {
      notice = cutTo(reason, REASON_LENGTH);
      clearTimeout(noticeTimer);
      noticeTimer = setTimeout(dropNotice, NOTICE_MS);
      write();
    },
    delivered: () => deps.lastDeliveries.note(row.id),
    rewrite() {
      shown = { status: '', lastError: '' };
      write();
    },
    async setPhone(state) {
      await writePhoneState(prisma, row.id, state);
      phone = state;
      write();
    },
    async stop() {
      clearTimeout(inherited);
      clearTimeout(noticeTimer);
      await writing;
    },
  };
}
