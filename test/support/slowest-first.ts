import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** A file, or the beginning of the names of some, and about how many seconds each takes. */
type Slow = readonly [part: string, seconds: number];

/** What mostly waits, for times that are promised and for processes. */
const WAITING: readonly Slow[] = [
  ['contract/history', 38],
  ['contract/relay.unknown-outcomes', 31],
  ['contract/verify', 27],
  ['contract/bridge.activation', 25],
  ['contract/worker/neighbours', 24],
  ['e2e/relay', 20],
  ['contract/relay.outages', 19],
  ['contract/database', 19],
  ['contract/queue/queue', 17],
  ['contract/worker/engines', 17],
  ['contract/replies.processes', 15],
  ['e2e/activation', 14],
  ['contract/replies.webhook', 14],
  ['contract/replies.untold', 13],
  ['contract/replies.failing', 12],
  ['contract/bridge.streams', 10],
];
/** What needs the processor. */
const WORKING: readonly Slow[] = [
  ['contract/chatwoot.contract', 13],
  ['contract/relay.recipients', 12],
  ['contract/relay.reports', 12],
  ['contract/api/outages', 11],
  ['contract/engines.relay', 10],
  ['contract/bridge.refusals', 10],
  ['contract/worker/recovery', 9],
  ['contract/api/rate-limit', 9],
  ['contract/budget', 9],
  ['contract/api/set', 9],
  ['contract/relay.content', 8],
  ['e2e/concurrency', 8],
  ['contract/worker/activation', 8],
  ['contract/worker/crashes', 8],
  ['contract/replies.', 7],
  ['contract/api/events', 7],
  ['contract/bridge.', 6],
  ['e2e/', 5],
  ['contract/', 2],
];

/** When each would begin if one came after the other. */
function beginnings(list: readonly Slow[]): { readonly part: string; readonly atSeconds: number }[] {
  let atSeconds = 0;
  return list.map(([part, seconds]) => {
    const begins = { part, atSeconds };
    atSeconds += seconds;
    return begins;
  });
}
const BEGINNINGS = [...beginnings(WAITING), ...beginnings(WORKING)];

/**
 * Starts the slowest files first, so that no vitest worker is left alone with one of them at the end, and what waits beside what works all along, so
 * that the processors are neither idle nor fought for. A file that is missing in the lists only begins later than it could.
 */
export class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const begins = ({ moduleId }: TestSpecification): number =>
      BEGINNINGS.find(({ part }) => moduleId.includes(`/test/${part}`))?.atSeconds ?? Number.POSITIVE_INFINITY;
    return files.toSorted((left, right) => begins(left) - begins(right) || left.moduleId.localeCompare(right.moduleId));
  }
}
