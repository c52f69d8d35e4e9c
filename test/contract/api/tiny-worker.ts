import type { Job } from 'bullmq';
import type { ActivationError } from '../../../shared/activations/error.ts';
import type { ActivationJob } from '../../../shared/activations/job.ts';
import { activationSettingsSchema, integrationColumns } from '../../../shared/activations/settings.ts';
import { ACTIVATION_SETTLED_CHANNEL } from '../../../shared/activations/settled-channel.ts';
import { createId } from '../../../shared/auth/tokens.ts';
import type { PrismaClient } from '../../../shared/database/database.ts';
import { openWorker, type QueueLocation } from '../../../shared/queue/engine.ts';
import { ACTIVATION_QUEUE } from '../../../shared/queue/queues.ts';

export type Verdict = { kind: 'succeed' } | { kind: 'fail'; error: ActivationError };

/**
 * As little of a worker as the api needs to see: takes the row, asks `decide`, and settles it the way the real one does (outcome and
 * notification in one transaction). `notify: false` leaves the notification out.
 */
export function startTinyWorker(options: {
  prisma: PrismaClient;
  location: QueueLocation;
  decide?: (activationId: string, job: Job<ActivationJob>) => Promise<Verdict> | Verdict;
  notify?: boolean;
}) {
  const { prisma, location, decide = () => ({ kind: 'succeed' }), notify = true } = options;
  const jobs: ActivationJob[] = [];

  const { worker, close } = openWorker<ActivationJob, null>(
    ACTIVATION_QUEUE,
    location,
    async (job, _token, _signal) => {
      jobs.push(job.data);
      const { activationId } = job.data;
      const claimed = await prisma.activation.updateManyAndReturn({
        where: { id: activationId, state: 'pending' },
        data: { state: 'running', attempt: 1, startedAt: new Date() },
      });
      if (claimed.length === 0) return null;
      await settle(prisma, activationId, await decide(activationId, job), notify);
      return null;
    },
    { concurrency: 20, onError: () => {} },
  );
  void worker.run();
  return { jobs, stop: () => close(true) };
}

export async function settle(prisma: PrismaClient, activationId: string, verdict: Verdict, notify = true): Promise<void> {
  await prisma.$transaction(async (tx) => {
    const row = await tx.activation.findUniqueOrThrow({ where: { id: activationId } });
    const bridgeIntegrationId = createId('int');
    await tx.activation.update({
      where: { id: activationId },
      data:
        verdict.kind === 'succeed'
          ? { state: 'succeeded', bridgeIntegrationId, chatwootToken: null, finishedAt: new Date() }
          : { state: 'failed', error: verdict.error, chatwootToken: null, finishedAt: new Date() },
    });
    if (verdict.kind === 'succeed') {
      const integration = {
        ...integrationColumns(activationSettingsSchema.parse(row.settings)),
        bridgeIntegrationId,
        chatwootToken: row.chatwootToken ?? '',
        activationId,
      };
      await tx.chatwootIntegration.upsert({
        where: { instanceId: row.instanceId },
        create: { id: createId('int'), instanceId: row.instanceId, ...integration },
        update: integration,
      });
    }
    if (notify) await tx.$executeRaw`SELECT pg_notify(${ACTIVATION_SETTLED_CHANNEL}, ${activationId})`;
  });
}
