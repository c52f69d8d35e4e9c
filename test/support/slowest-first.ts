import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * What takes longest comes first, and what mostly waits stands between what needs the whole machine. A file that is missing here only begins
 * later than it could.
 */
const SLOWEST = [
  'e2e/faults',
  'contract/relay.unknown-outcomes',
  'e2e/error-table',
  'e2e/relay-takeover',
  'contract/api/outages',
  'e2e/concurrency',
  'e2e/relay-isolation',
  'e2e/shutdown',
  'e2e/relay-model',
  'e2e/embedded-postgres',
  'contract/worker/neighbours',
  'e2e/activation',
  'contract/queue/queue',
  'e2e/key-rotation',
  'contract/bridge.activation',
  'contract/replies.processes',
  'contract/bridge.streams',
  'contract/replies.webhook',
  'contract/worker/recovery',
  'contract/worker/crashes',
  'e2e/',
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
