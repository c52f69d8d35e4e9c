import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * What takes longest comes first, and what mostly waits stands between what needs the whole machine. A file that is missing here only begins
 * later than it could.
 */
const SLOWEST = [
  'e2e/faults',
  'contract/history',
  'contract/verify',
  'contract/relay.reports',
  'e2e/relay-model',
  'contract/relay.unknown-outcomes',
  'contract/engines.relay',
  'contract/relay.outages',
  'contract/worker/neighbours',
  'e2e/relay-to-chatwoot',
  'contract/api/outages',
  'contract/bridge.activation',
  'e2e/relay-to-whatsapp',
  'contract/replies.processes',
  'e2e/concurrency',
  'contract/queue/queue',
  'contract/database',
  'e2e/embedded-postgres',
  'contract/relay.recipients',
  'contract/worker/recovery',
  'contract/replies.failing',
  'e2e/activation',
  'contract/bridge.streams',
  'e2e/',
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
