import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * What takes longest comes first, and what mostly waits stands between what needs the whole machine. A file that is missing here only begins
 * later than it could.
 */
const SLOWEST = [
  'e2e/relay',
  'contract/verify',
  'contract/history',
  'contract/relay.unknown-outcomes',
  'contract/relay.recipients',
  'contract/worker/neighbours',
  'contract/worker/recovery',
  'contract/relay.reports',
  'contract/relay.outages',
  'e2e/',
  'contract/queue/queue',
  'contract/api/outages',
  'contract/engines.relay',
  'contract/database',
  'contract/replies.',
  'contract/bridge.',
  'contract/chatwoot.contract',
  'contract/',
];

/** Starts the slowest files first, so that no vitest worker is left alone with one of them at the end: the same order on every machine. */
export class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const index = SLOWEST.findIndex((part) => moduleId.includes(`/test/${part}`));
      return index === -1 ? SLOWEST.length : index;
    };
    return files.toSorted((left, right) => rank(left) - rank(right) || left.moduleId.localeCompare(right.moduleId));
  }
}
