import type { Registry } from 'prom-client';
import type { PrismaClient } from '../../shared/database/database.ts';
import { addSampledGauges, type Sample } from '../../shared/metrics/sampled-gauges.ts';
import { countIntegrations, countWaitingReplies } from './queries/backlog.ts';

/** Counting further would only make a large backlog larger. */
const COUNTED_AT_MOST = 100_000;
const STATUSES = ['active', 'paused', 'error'] as const;
const DIRECTIONS = ['to_chatwoot', 'to_whatsapp'] as const;
const TO_WHATSAPP = { direction: 'to_whatsapp' };

const GAUGES = {
  ponte_bridge_integrations: { help: 'Integrations the bridge keeps running, by status.', labelNames: ['status'] },
  ponte_bridge_integrations_unattended: {
    help: 'Integrations that no bridge process runs at the moment. Above 0 for longer than it takes to take one over: look.',
  },
  ponte_relay_pending: {
    help: `Messages that were accepted and have not reached the other side, by direction (at most ${COUNTED_AT_MOST} are counted).`,
    labelNames: ['direction'],
  },
  ponte_relay_lag_seconds: {
    help: 'Age of the oldest message that was accepted and has not reached the other side, by direction. 0 when there is none.',
    labelNames: ['direction'],
  },
  ponte_relay_dead_letters: {
    help: 'Messages that were set aside and wait for somebody, by direction.',
    labelNames: ['direction'],
  },
} as const;

/** What waits in the bridge's database. Every bridge process tells the same: take the maximum over them, not the sum. */
export function addBridgeBacklogGauges({ registry, prisma }: { registry: Registry; prisma: PrismaClient }): void {
  addSampledGauges({
    registry,
    collector: 'database',
    gauges: GAUGES,
    sample: async () => (await Promise.all([integrations(prisma), replies(prisma), deadLetters(prisma)])).flat(),
  });
}

async function integrations(prisma: PrismaClient): Promise<Sample[]> {
  const rows = await countIntegrations(prisma);
  const count = (status: string): number => rows.find((row) => row.status === status)?.count ?? 0;
  return [
    ...STATUSES.map((status) => ({ gauge: 'ponte_bridge_integrations', labels: { status }, value: count(status) })),
    { gauge: 'ponte_bridge_integrations_unattended', value: rows.reduce((sum, row) => sum + row.unattended, 0) },
  ];
}

/** Of this direction the bridge has the stock; of the other one the api. */
async function replies(prisma: PrismaClient): Promise<Sample[]> {
  const { count, age } = await countWaitingReplies(prisma, COUNTED_AT_MOST);
  return [
    { gauge: 'ponte_relay_pending', labels: TO_WHATSAPP, value: count },
    { gauge: 'ponte_relay_lag_seconds', labels: TO_WHATSAPP, value: age },
  ];
}

async function deadLetters(prisma: PrismaClient): Promise<Sample[]> {
  const rows = await prisma.bridgeDeadLetter.groupBy({
    by: 'direction',
    where: { state: { in: ['dead', 'requested'] }, retryAt: null },
    _count: true,
  });
  return DIRECTIONS.map((direction) => ({
    gauge: 'ponte_relay_dead_letters',
    labels: { direction },
    value: rows.find((row) => row.direction === direction)?._count ?? 0,
  }));
}
