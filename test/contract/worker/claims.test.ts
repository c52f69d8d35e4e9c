import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { holdRow } from '../../support/held-row.ts';
import { statementsOf } from '../../support/statements.ts';
import { createRig, type Fixture } from './fixture.ts';

let rig: Fixture;
beforeAll(async () => {
  rig = await createRig({});
});
afterAll(() => rig?.stop());

const activation = async (options?: Parameters<Fixture['writeActivation']>[1]) =>
  rig.writeActivation(await rig.newInstance(), options);

describe('claims that come at the same moment', () => {
  it('are a statement or two for all of them, and each is answered with its own', async () => {
    const ids = await Promise.all(Array.from({ length: 10 }, () => activation()));
    const [overdue, ended] = [await activation({ deadlineMs: -1_000 }), await activation()];
    await rig.prisma.activation.update({ where: { id: ended }, data: { state: 'succeeded' } });
    const { result: claims, names } = await statementsOf(rig.database.pool, () =>
      Promise.all([...ids, 'act_gone', overdue, ended].map((id) => rig.store.claim(id))),
    );
    const statements = names.filter((name) => name === 'claim_activations');
    expect(claims.slice(0, 10)).toMatchObject(ids.map((id) => ({ kind: 'claimed', activation: { id, attempt: 1 } })));
    expect(claims.slice(10).map(({ kind }) => kind)).toEqual(['gone', 'expired', 'succeeded']);
    expect(statements).toHaveLength(2);
  });

  it('of one activation are claims one after the other, of which the later fences the earlier', async () => {
    const [first, twice, last] = await Promise.all([activation(), activation(), activation()]);
    const claims = await Promise.all([first, twice, twice, last].map((id) => rig.store.claim(id)));
    expect(claims).toMatchObject([first, twice, twice, last].map((id) => ({ kind: 'claimed', activation: { id } })));
    expect(claims.map((claim) => claim.kind === 'claimed' && claim.activation.attempt)).toEqual([1, 1, 2, 1]);
    expect(await rig.rowOf(twice)).toMatchObject({ attempt: 2, state: 'running' });
  });

  it('of which one waits for a row that somebody holds hold up no other for longer than a moment', async () => {
    const [held, other, later] = await Promise.all([activation(), activation(), activation()]);
    const release = await holdRow(rig.database.pool, 'activations', held);
    const waiting = rig.store.claim(held);
    let isClaimed = false;
    void waiting.then(() => {
      isClaimed = true;
    });
    expect(await Promise.all([rig.store.claim(other), rig.store.claim(later)])).toMatchObject([
      { kind: 'claimed' },
      { kind: 'claimed' },
    ]);
    expect(isClaimed).toBe(false);
    await release();
    expect(await waiting).toMatchObject({ kind: 'claimed', activation: { id: held } });
  });
});
