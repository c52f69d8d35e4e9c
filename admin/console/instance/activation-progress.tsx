import type { VNode } from 'preact';
import { outcomeOf } from '../../../shared/activations/outcome.ts';
import type { PrismaClient } from '../../../shared/database/database.ts';
import type { Ui } from '../../looks/ui.ts';
import type { Faults } from '../fields.tsx';
import { besideField, faultsOf, sentenceOf } from '../sentences.ts';
import { Failed, Progress } from './outcome.tsx';

export type ActivationNow =
  | { readonly kind: 'running'; readonly part: VNode }
  | { readonly kind: 'succeeded' }
  | { readonly kind: 'failed'; readonly part: VNode; readonly faults: Faults };

/** What has become of an activation so far; undefined where the instance has none of this id. */
export async function readProgress(
  prisma: PrismaClient,
  { instanceId, id, ui, path }: { instanceId: string; id: string; ui: Ui; path: string },
): Promise<ActivationNow | undefined> {
  if (!/^[\w-]{1,40}$/.test(id)) return undefined;
  const row = await prisma.activation.findFirst({
    where: { id, instanceId },
    select: { state: true, bridgeIntegrationId: true, previousInbox: true, oldRelease: true, error: true, createdAt: true },
  });
  if (row === null) return undefined;
  if (row.state === 'pending' || row.state === 'running') {
    const sinceMs = Date.now() - row.createdAt.getTime();
    const part = <Progress ui={ui} path={`${path}/activations/${id}`} isRunning={row.state === 'running'} sinceMs={sinceMs} />;
    return { kind: 'running', part };
  }
  const outcome = outcomeOf(row);
  if (outcome.state === 'succeeded') return { kind: 'succeeded' };
  const { error } = outcome;
  const faults = faultsOf(ui, error);
  const sentence = besideField(sentenceOf(ui, error), faults);
  return { kind: 'failed', part: <Failed ui={ui} place="outcome" title={ui.t.activation.failed} sentence={sentence} />, faults };
}
