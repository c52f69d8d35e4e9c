import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createReplyStore } from '../../bridge/relay/to-whatsapp/reply-store.ts';
import { createReportStore } from '../../bridge/relay/to-whatsapp/report-store.ts';
import { createDatabase } from '../../shared/database/database.ts';
import { type Conversation, createRepliesRig, type RepliesRig } from '../support/replies-rig.ts';
import { waitFor } from '../support/wait-for.ts';

const SEND = /^\/api\/message\//;
let rig: RepliesRig;
beforeEach(async () => {
  rig = await createRepliesRig();
});
afterEach(async () => {
  rig?.engine.faults.clear();
  await rig?.stop();
});
const textsTo = ({ sourceId }: Conversation): unknown[] =>
  rig.sentTo(sourceId).map(({ content }) => ('text' in content ? content.text : content.type));

describe('several bridges', () => {
  it('a reply that one bridge was told of is sent by the one that runs the integration, once', async () => {
    await rig.startBridge();
    await rig.stopBridge();
    await waitFor(async () => {
      const row = await rig.prisma.bridgeIntegration.findUniqueOrThrow({ where: { id: rig.integrationId } });
      return row.leaseEpoch === 2 && row.leaseOwner !== null;
    });
    await rig.startBridge({ webhooks: true });
    const maria = await rig.converse('5511700000001');
    const messages = await rig.replies(maria, ['um', 'dois', 'três']);
    for (const { id } of messages) await rig.settled(id, 'sent');
    expect(textsTo(maria)).toEqual(['um', 'dois', 'três']);
    expect((await rig.rowsOf(messages[0]?.id ?? 0))[0]?.claimedEpoch).toBe(2);
  });

  it('a bridge that is stopped lets what it is sending finish, and leaves the rest to the next one', async () => {
    const next = await rig.startBridge();
    const maria = await rig.converse('5511700000002');
    const slow = rig.engine.faults.add({ path: SEND, times: 1, action: { kind: 'delay', delayMs: 1_000 } });
    const messages = await rig.replies(maria, ['um', 'dois', 'três']);
    await waitFor(() => slow.hits === 1);
    await rig.stopBridge();
    for (const { id } of messages) await rig.settled(id, 'sent');
    expect(textsTo(maria)).toEqual(['um', 'dois', 'três']);
    const rows = await Promise.all(messages.map(async ({ id }) => (await rig.rowsOf(id))[0]?.claimedEpoch));
    expect(rows).toEqual([1, 2, 2]);
    await next.stop();
  });
});

describe('the database', () => {
  it.each(['refuse', 'blackhole'] as const)(
    'may go away (%s) while a reply is being sent: it is sent once all the same',
    async (mode) => {
      const maria = await rig.converse('5511700000031');
      const slow = rig.engine.faults.add({ path: SEND, times: 1, action: { kind: 'delay', delayMs: 300 } });
      const first = rig.reply(maria, 'um');
      await waitFor(() => slow.hits === 1);
      await rig.databaseProxy.set({ mode });
      await waitFor(() => textsTo(maria).length === 1);
      await rig.databaseProxy.set({ mode: 'pass' });
      const second = rig.reply(maria, 'dois');
      await rig.settled(first.id, 'sent');
      await rig.settled(second.id, 'sent');
      expect(textsTo(maria)).toEqual(['um', 'dois']);
      expect(rig.message(first.id).status).toBe('sent');
    },
  );
});

describe('kill -9 while sending', () => {
  it('sends nothing twice: what may have been sent is shown as that, what the echo proves is sent, what waited goes out', async () => {
    await rig.stopBridge();
    const doomed = await rig.startBridgeProcess();
    const [lost, proven, waiting] = await Promise.all(
      ['5511700000011', '5511700000012', '5511700000013'].map((sourceId) => rig.converse(sourceId)),
    );
    if (!lost || !proven || !waiting) throw new Error('no conversations');
    await waitFor(async () => (await owner()) !== null);
    const hang = rig.engine.faults.add({ path: SEND, times: 1, action: { kind: 'hang' } });
    const first = rig.reply(lost, 'nunca chegou');
    await waitFor(() => hang.hits === 1);
    const late = rig.engine.faults.add({ path: SEND, times: 1, action: { kind: 'hangAfterEffect' } });
    const second = rig.reply(proven, 'chegou');
    await waitFor(() => late.hits === 1);
    const behind = rig.reply(lost, 'depois');
    await waitFor(async () => (await rig.rowsOf(behind.id)).length === 1);
    await doomed.kill9();
    // As if its lease had run out: that takes eight seconds, and is another test's business.
    await rig.prisma.bridgeIntegration.update({ where: { id: rig.integrationId }, data: { leaseUntil: new Date() } });

    // Nobody takes webhooks now: this one the agent sees fail, and may try again.
    const missed = rig.reply(waiting, 'sem ponte');
    await waitFor(() => rig.message(missed.id).status === 'failed');

    rig.listenToEngine();
    await rig.startBridge({ webhooks: true, timing: { echoGraceMs: 1_500 } });
    await rig.settled(second.id, 'sent');
    await waitFor(() => rig.message(first.id).status === 'failed', { timeoutMs: 20_000 });
    expect(rig.message(first.id).contentAttributes.external_error).toContain('may or may not have been sent');
    await rig.settled(behind.id, 'sent');
    expect(textsTo(lost)).toEqual(['depois']);
    expect(textsTo(proven)).toEqual(['chegou']);
    expect(rig.message(second.id).status).not.toBe('failed');
    rig.chatwoot.state.retryMessage(5, waiting.id, missed.id);
    await rig.settled(missed.id, 'sent');
    expect(textsTo(waiting)).toEqual(['sem ponte']);
  });

  const owner = async () =>
    (await rig.prisma.bridgeIntegration.findUniqueOrThrow({ where: { id: rig.integrationId } })).leaseOwner;
});

describe('the lease', () => {
  it('fences: a bridge that was paused and wakes claims, settles, accepts and refuses nothing, but may tell that it has sent', async () => {
    const database = createDatabase({ url: rig.harness.databaseUrl, poolSize: 2 });
    try {
      await rig.stopBridge();
      const { integrationId } = rig;
      const store = createReplyStore({ pool: database.pool, holdBackMs: 0 });
      const reports = createReportStore(database.pool);
      const text = (text: string) => ({ number: '5511700000021', part: { kind: 'text' as const, text } });
      const stored = (chatwootMessageId: number) => ({
        integrationId,
        conversationId: chatwootMessageId,
        chatwootMessageId,
        chat: '5511700000021',
        parts: [text('x')],
      });
      for (const id of [901, 902]) await store.insert(stored(id));
      await rig.prisma.bridgeReply.updateMany({ data: { nextAttemptAt: new Date(0) } });
      await rig.prisma.bridgeIntegration.update({ where: { id: integrationId }, data: { leaseEpoch: 5 } });

      // A claim whose answer got lost is put back; one that is being sent is not.
      const [lost] = await store.claim(integrationId, 5, [], 1);
      await store.releaseUnknownClaims(integrationId, 5, [lost?.id ?? '']);
      expect((await rig.rowsOf(901))[0]?.state).toBe('sending');
      await store.releaseUnknownClaims(integrationId, 6, []);
      expect((await rig.rowsOf(901))[0]?.state).toBe('sending');
      await store.releaseUnknownClaims(integrationId, 5, []);
      expect((await rig.rowsOf(901))[0]?.state).toBe('pending');

      const [paused] = await store.claim(integrationId, 5, [], 1);
      if (!paused) throw new Error('nothing claimed');
      await rig.prisma.bridgeIntegration.update({ where: { id: integrationId }, data: { leaseEpoch: 6 } });

      expect(await store.isOurs(paused)).toBe(false);
      expect(await store.claim(integrationId, 5, [], 8)).toEqual([]);
      const [orphan] = await store.orphans(integrationId, 6, []);
      expect(orphan).toMatchObject({ id: paused.id, epoch: 5 });
      expect(await store.orphans(integrationId, 5, [])).toEqual([]);
      if (!orphan) throw new Error('no orphan');
      expect(await store.settleFailed(orphan, 'unknown', 'who knows')).toBe(true);
      expect(await store.settleFailed(paused, 'failed', 'too late')).toBe(false);
      expect(await store.postpone(paused, 'too late', 0)).toBe(false);
      expect(await reports.acceptRetry(integrationId, 5, { conversationId: 901, chatwootMessageId: 901, by: 'agent' })).toBe(
        false,
      );
      expect(await reports.refuseRetry(integrationId, 5, { conversationId: 901, chatwootMessageId: 901, by: 'agent' })).toBe(0);
      expect((await rig.rowsOf(901))[0]).toMatchObject({ state: 'unknown', error: 'who knows', report: 'failed' });

      expect(await store.settleSent(paused, '3EB0LATE')).toBe(true);
      expect((await rig.rowsOf(901))[0]).toMatchObject({ state: 'sent', whatsappId: '3EB0LATE', report: 'sent' });
      expect(await store.claim(integrationId, 6, [], 8)).toMatchObject([{ chatwootMessageId: 902, epoch: 6 }]);
    } finally {
      await database.stop();
    }
  });
});
