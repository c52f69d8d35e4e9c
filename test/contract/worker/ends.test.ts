import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClaimedActivation } from '../../../shared/activations/claim.ts';
import type { ActivatedIntegration } from '../../../shared/bridge-client/client.ts';
import { holdRow } from '../../support/held-row.ts';
import { statementsOf } from '../../support/statements.ts';
import { waitFor } from '../../support/wait-for.ts';
import { createRig, type Fixture, settings, type TestInstance } from './fixture.ts';

let rig: Fixture;
beforeAll(async () => {
  rig = await createRig({});
});
afterAll(() => rig?.stop());

interface Begun {
  readonly instance: TestInstance;
  readonly activation: ClaimedActivation;
}
async function begin(more: Record<string, unknown> = {}): Promise<Begun> {
  const instance = await rig.newInstance();
  const claim = await rig.store.claim(await rig.writeActivation(instance, { settings: { ...settings, ...more } }));
  if (claim.kind !== 'claimed') throw new Error(`a new activation was not claimed, but ${claim.kind}`);
  return { instance, activation: claim.activation };
}
const answer = (id: string, more: Partial<ActivatedIntegration> = {}): ActivatedIntegration => ({
  ...{ id, status: 'active', inbox_id: 7, inbox_name: 'WhatsApp - Orion' },
  ...more,
});
const ENTRY = { attempt: 1, worker: 'w', startedAt: '2026-01-01T00:00:00.000Z', queueWaitMs: 0, outcome: 'succeeded' };
const succeed = ({ activation }: Begun, result: ActivatedIntegration) => rig.store.succeed(activation, result, ENTRY);

describe('activations that succeed at the same moment', () => {
  it('are recorded by a statement or two, each with its own inbox, and with what it takes the place of', async () => {
    const begun = await Promise.all(Array.from({ length: 6 }, () => begin()));
    const [again, telling] = [await begin(), await begin({ importHistoryDays: 3 })];
    await succeed(again, answer('before'));
    const second = await rig.store.claim(await rig.writeActivation(again.instance));
    if (second.kind !== 'claimed') throw new Error(second.kind);
    const { result: writes, names } = await statementsOf(rig.database.pool, () =>
      Promise.all([
        ...begun.map((one, index) => succeed(one, answer(`made-${index}`, { replaces: `old-${index}` }))),
        rig.store.succeed(second.activation, answer('after'), ENTRY),
        succeed(telling, answer('with-history')),
      ]),
    );
    const statements = names.filter((name) => name === 'settle_succeeded');
    expect(statements).toHaveLength(2);
    for (const [index, { instance, activation }] of begun.entries()) {
      const [removal] = await rig.removalsOf(instance);
      expect(removal).toMatchObject({ bridgeIntegrationId: `old-${index}`, reason: 'superseded' });
      expect(writes[index]).toMatchObject({ kind: 'written', removalIds: [removal?.id], isHistoryWished: false });
      expect(await rig.integrationOf(instance)).toMatchObject({
        bridgeIntegrationId: `made-${index}`,
        activationId: activation.id,
      });
      expect(await rig.rowOf(activation.id)).toMatchObject({ state: 'succeeded', chatwootToken: null });
    }
    expect(await rig.removalsOf(again.instance)).toMatchObject([{ bridgeIntegrationId: 'before' }]);
    expect(writes[6]).toMatchObject({ kind: 'written', removalIds: [expect.any(String)], isHistoryWished: false });
    expect(writes[7]).toMatchObject({ kind: 'written', removalIds: [], isHistoryWished: true });
  });

  it('are told with what the row says; with the id alone where that is too much for a notification', async () => {
    const [short, long] = [await begin(), await begin()];
    const heard = await rig.listen();
    const inbox = { id: 3, chatwoot_base_url: settings.chatwootBaseUrl, chatwoot_account_id: 5, message: 'it stays' };
    await Promise.all([
      succeed(short, answer('short', { old_release: '2.0.0' })),
      succeed(long, answer('long', { previous_inbox: { ...inbox, name: 'x'.repeat(9_000) } })),
    ]);
    await waitFor(() => heard.notices.length === 2, { describe: 'both notifications' });
    const of = ({ activation }: Begun) => heard.notices.find(({ id }) => id === activation.id);
    expect(of(short)?.row).toMatchObject({ state: 'succeeded', bridgeIntegrationId: 'short', oldRelease: '2.0.0', error: null });
    expect(of(long)).toEqual({ id: long.activation.id, row: undefined });
    await heard.stop();
  });

  it('are recorded though one among them has lost its claim, and another is what PostgreSQL refuses', async () => {
    const [first, stale, refused, last] = await Promise.all([begin(), begin(), begin(), begin()]);
    const taken = await rig.store.claim(stale.activation.id);
    const writes = await Promise.allSettled([
      succeed(first, answer('first')),
      succeed(stale, answer('stale')),
      succeed(refused, answer('a\0b')),
      succeed(last, answer('last')),
    ]);
    expect(writes.map((write) => (write.status === 'fulfilled' ? write.value.kind : 'refused'))).toEqual([
      'written',
      'lost',
      'refused',
      'written',
    ]);
    expect(taken).toMatchObject({ kind: 'claimed', activation: { attempt: 2 } });
    expect(await rig.rowOf(stale.activation.id)).toMatchObject({ state: 'running', attempt: 2 });
    expect(await rig.integrationOf(stale.instance)).toBeNull();
    expect(await rig.integrationOf(last.instance)).toMatchObject({ bridgeIntegrationId: 'last' });
  });

  it('wait for a row that somebody holds for no longer than a moment, where it is not their own', async () => {
    const [held, other, later] = await Promise.all([begin(), begin(), begin()]);
    const release = await holdRow(rig.database.pool, 'instances', held.instance.id);
    let isRecorded = false;
    const waiting = succeed(held, answer('held')).then((write) => {
      isRecorded = true;
      return write;
    });
    expect(await Promise.all([succeed(other, answer('other')), succeed(later, answer('later'))])).toMatchObject([
      { kind: 'written' },
      { kind: 'written' },
    ]);
    expect(isRecorded).toBe(false);
    await release();
    expect(await waiting).toMatchObject({ kind: 'written' });
  });
});
