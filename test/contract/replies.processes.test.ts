import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createReplyStore } from '../../bridge/relay/to-whatsapp/reply-store.ts';
import { createReportStore } from '../../bridge/relay/to-whatsapp/report-store.ts';
import { createDatabase } from '../../shared/database/database.ts';
import { type Conversation, createRepliesFixture, type RepliesFixture } from '../support/replies-fixture.ts';
import { waitFor } from '../support/wait-for.ts';

const SEND = /^\/api\/message\//;
let fixture: RepliesFixture;
beforeEach(async () => {
  fixture = await createRepliesFixture();
});
afterEach(async () => {
  fixture?.engine.faults.clear();
  await fixture?.stop();
});
const textsTo = ({ sourceId }: Conversation): unknown[] =>
  fixture.sentTo(sourceId).map(({ content }) => ('text' in content ? content.text : content.type));

describe('replies with several bridges', () => {
  it('a reply that one bridge was told of is sent by the one that runs the integration, once', async () => {
    await fixture.startBridge();
    await fixture.stopBridge();
    await waitFor(async () => {
      const row = await fixture.prisma.bridgeIntegration.findUniqueOrThrow({ where: { id: fixture.integrationId } });
      return row.leaseEpoch === 2 && row.leaseOwner !== null;
    });
    await fixture.startBridge({ webhooks: true });
    const maria = await fixture.converse('5511700000001');
    const messages = await fixture.replies(maria, ['um', 'dois', 'três']);
    for (const { id } of messages) await fixture.settled(id, 'sent');
    expect(textsTo(maria)).toEqual(['um', 'dois', 'três']);
    expect((await fixture.rowsOf(messages[0]?.id ?? 0))[0]?.claimedEpoch).toBe(2);
  });

  it('a bridge that is stopped lets what it is sending finish, and leaves the rest to the next one', async () => {
    const next = await fixture.startBridge();
    const maria = await fixture.converse('5511700000002');
    const slow = fixture.engine.faults.add({ path: SEND, times: 1, action: { kind: 'delay', delayMs: 1_000 } });
    const messages = await fixture.replies(maria, ['um', 'dois', 'três']);
    await waitFor(() => slow.hits === 1);
    await fixture.stopBridge();
    for (const { id } of messages) await fixture.settled(id, 'sent');
    expect(textsTo(maria)).toEqual(['um', 'dois', 'três']);
    const rows = await Promise.all(messages.map(async ({ id }) => (await fixture.rowsOf(id))[0]?.claimedEpoch));
    expect(rows).toEqual([1, 2, 2]);
    await next.stop();
  });
});

describe('the database of the bridge', () => {
  it('may go away while a reply is being sent, refusing or silent: it is sent once all the same', async () => {
    for (const [mode, sourceId] of [
      ['refuse', '5511700000031'],
      ['blackhole', '5511700000032'],
    ] as const) {
      const maria = await fixture.converse(sourceId);
      const slow = fixture.engine.faults.add({ path: SEND, times: 1, action: { kind: 'delay', delayMs: 300 } });
      const first = fixture.reply(maria, 'um');
      await waitFor(() => slow.hits === 1);
      await fixture.databaseProxy.set({ mode });
      await waitFor(() => textsTo(maria).length === 1);
      await fixture.databaseProxy.set({ mode: 'pass' });
      const second = fixture.reply(maria, 'dois');
      await fixture.settled(first.id, 'sent');
      await fixture.settled(second.id, 'sent');
      expect(textsTo(maria)).toEqual(['um', 'dois']);
      expect(fixture.message(first.id).status).toBe('sent');
    }
  });
});

describe('kill -9 of a bridge that is sending a reply', () => {
  it('sends nothing twice: what may have been sent is shown as that, what the echo proves is sent, what waited goes out', async () => {
    await fixture.stopBridge();
    const doomed = await fixture.startBridgeProcess();
    const [lost, proven, waiting] = await Promise.all(
      ['5511700000011', '5511700000012', '5511700000013'].map((sourceId) => fixture.converse(sourceId)),
    );
    if (!lost || !proven || !waiting) throw new Error('no conversations');
    await waitFor(async () => (await owner()) !== null);
    const hang = fixture.engine.faults.add({ path: SEND, times: 1, action: { kind: 'hang' } });
    const first = fixture.reply(lost, 'nunca chegou');
    await waitFor(() => hang.hits === 1);
    const late = fixture.engine.faults.add({ path: SEND, times: 1, action: { kind: 'hangAfterEffect' } });
    const second = fixture.reply(proven, 'chegou');
    await waitFor(() => late.hits === 1);
    const behind = fixture.reply(lost, 'depois');
    await waitFor(async () => (await fixture.rowsOf(behind.id)).length === 1);
    await doomed.kill9();
    // As if its lease had run out: that takes eight seconds, and is another test's business.
    await fixture.prisma.bridgeIntegration.update({ where: { id: fixture.integrationId }, data: { leaseUntil: new Date() } });

    // Nobody takes webhooks now: this one the agent sees fail, and may try again.
    const missed = fixture.reply(waiting, 'sem ponte');
    await waitFor(() => fixture.message(missed.id).status === 'failed');

    fixture.listenToEngine();
    await fixture.startBridge({ webhooks: true, timing: { echoGraceMs: 1_500 } });
    await fixture.settled(second.id, 'sent');
    await waitFor(() => fixture.message(first.id).status === 'failed');
    expect(fixture.message(first.id).contentAttributes.external_error).toContain('may or may not have been sent');
    await fixture.settled(behind.id, 'sent');
    expect(textsTo(lost)).toEqual(['depois']);
    expect(textsTo(proven)).toEqual(['chegou']);
    expect(fixture.message(second.id).status).not.toBe('failed');
    fixture.chatwoot.state.retryMessage(5, waiting.id, missed.id);
    await fixture.settled(missed.id, 'sent');
    expect(textsTo(waiting)).toEqual(['sem ponte']);
  });

  const owner = async () =>
    (await fixture.prisma.bridgeIntegration.findUniqueOrThrow({ where: { id: fixture.integrationId } })).leaseOwner;
});

describe('the lease under which replies are sent', () => {
  it('fences: a bridge that was paused and wakes claims, settles, accepts and refuses nothing, but may tell that it has sent', async () => {
    const database = createDatabase({ url: fixture.harness.databaseUrl, poolSize: 2 });
    try {
      await fixture.stopBridge();
      const { integrationId } = fixture;
      const store = createReplyStore({ ...database, holdBackMs: 0 });
      const reports = createReportStore(database);
      const text = (text: string) => ({ recipient: '5511700000021', part: { kind: 'text' as const, text } });
      const stored = (chatwootMessageId: number) => ({
        integrationId,
        conversationId: chatwootMessageId,
        chatwootMessageId,
        chat: '5511700000021',
        parts: [text('x')],
      });
      for (const id of [901, 902]) await store.insert(stored(id), performance.now() + 5_000);
      await fixture.prisma.bridgeReply.updateMany({ data: { nextAttemptAt: new Date(0) } });
      await fixture.prisma.bridgeIntegration.update({ where: { id: integrationId }, data: { leaseEpoch: 5 } });

      // A claim whose answer got lost is put back; one that is being sent is not.
      const [lost] = await store.claim(integrationId, 5, [], 1);
      await store.releaseUnknownClaims(integrationId, 5, [lost?.id ?? '']);
      expect((await fixture.rowsOf(901))[0]?.state).toBe('sending');
      await store.releaseUnknownClaims(integrationId, 6, []);
      expect((await fixture.rowsOf(901))[0]?.state).toBe('sending');
      await store.releaseUnknownClaims(integrationId, 5, []);
      expect((await fixture.rowsOf(901))[0]?.state).toBe('pending');

      const [paused] = await store.claim(integrationId, 5, [], 1);
      if (!paused) throw new Error('nothing claimed');
      await fixture.prisma.bridgeIntegration.update({ where: { id: integrationId }, data: { leaseEpoch: 6 } });

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
      expect((await fixture.rowsOf(901))[0]).toMatchObject({ state: 'unknown', error: 'who knows', report: 'failed' });

      expect(await store.settleSent(paused, '3EB0LATE')).toBe(true);
      expect((await fixture.rowsOf(901))[0]).toMatchObject({ state: 'sent', whatsappId: '3EB0LATE', report: 'sent' });
      expect(await store.claim(integrationId, 6, [], 8)).toMatchObject([{ chatwootMessageId: 902, epoch: 6 }]);
    } finally {
      await database.stop();
    }
  });
});
