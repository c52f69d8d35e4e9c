import type { Registry } from 'prom-client';
import type { PrismaClient } from '../../shared/database/database.ts';
import { addSampledGauges, type Sample } from '../../shared/metrics/sampled-gauges.ts';
import { countOpenRemovals, countUnfinishedActivations, countWaitingEvents } from './queries/backlog.ts';

/** Counting further would only make a large backlog larger. */
const COUNTED_AT_MOST = 100_000;

const GAUGES = {
  ponte_activations_unfinished: {
    help: 'Activations that have not ended: pending (no worker has begun) and running.',
    labelNames: ['state'],
  },
  ponte_activation_oldest_pending_seconds: {
    help: 'Age of the oldest activation that no worker has begun: the figure to scale workers by. 0 when there is none.',
  },
  ponte_removals: {
    help: 'Inboxes and integrations that are still to be removed: pending, and dead (given up, somebody has to look).',
    labelNames: ['state'],
  },
  ponte_removal_oldest_due_seconds: {
    help: 'For how long the removal that is most overdue has been due. 0 when none is.',
  },
  ponte_integrations: { help: 'Instances with a Chatwoot integration, by its recorded status.', labelNames: ['status'] },
  ponte_relay_pending: {
    help: `Messages that were accepted and have not reached the other side, by direction (at most ${COUNTED_AT_MOST} are counted).`,
    labelNames: ['direction'],
  },
  ponte_relay_lag_seconds: {
    help: 'Age of the oldest message that was accepted and has not reached the other side, by direction. 0 when there is none.',
    labelNames: ['direction'],
  },
} as const;

/** What waits in the database. Every api process tells the same: take the maximum over them, not the sum. */
export function addBacklogGauges({ registry, prisma }: { registry: Registry; prisma: PrismaClient }): void {
  addSampledGauges({
    registry,
    collector: 'database',
    gauges: GAUGES,
    sample: async () => (await Promise.all([activations(prisma), removals(prisma), integrations(prisma), relay(prisma)])).flat(),
  });
}

async function activations(prisma: PrismaClient): Promise<Sample[]> {
  const rows = await countUnfinishedActivations(prisma);
  return [
    ...byKey('ponte_activations_unfinished', 'state', ['pending', 'running'], rows),
    { gauge: 'ponte_activation_oldest_pending_seconds', value: rows.find(({ key }) => key === 'pending')?.age ?? 0 },
  ];
}

async function removals(prisma: PrismaClient): Promise<Sample[]> {
  const rows = await countOpenRemovals(prisma);
  return [
    ...byKey('ponte_removals', 'state', ['pending', 'dead'], rows),
    { gauge: 'ponte_removal_oldest_due_seconds', value: rows.find(({ key }) => key === 'pending')?.age ?? 0 },
  ];
}

async function integrations(prisma: PrismaClient): Promise<Sample[]> {
  const rows = await prisma.chatwootIntegration.groupBy({ by: 'status', _count: true });
  const counts = rows.map(({ status, _count }) => ({ key: status, count: _count }));
  return byKey('ponte_integrations', 'status', ['active', 'paused', 'error'], counts);
}

/** Of this direction the api has the stock; of the other one the bridge. */
async function relay(prisma: PrismaClient): Promise<Sample[]> {
  const labels = { direction: 'to_chatwoot' };
  const { count, age } = await countWaitingEvents(prisma, COUNTED_AT_MOST);
  return [
    { gauge: 'ponte_relay_pending', labels, value: count },
    { gauge: 'ponte_relay_lag_seconds', labels, value: age },
  ];
}

/** A state that no row is in is 0, not absent: an alert needs a value to come back to. */
const byKey = (
  gauge: string,
  label: string,
  keys: readonly string[],
  rows: readonly { key: string; count: number }[],
): Sample[] =>
  keys.map((value) => ({ gauge, labels: { [label]: value }, value: rows.find(({ key }) => key === value)?.count ?? 0 }));
