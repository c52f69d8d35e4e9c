import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDeadLetterCommands } from '../../bridge/dead-letters/commands.ts';
import { refusedReply } from '../support/refused-reply.ts';
import { ACCOUNT, createRepliesFixture, INSTANCE, type RepliesFixture } from '../support/replies-fixture.ts';
import { waitFor } from '../support/wait-for.ts';

let fixture: RepliesFixture;
beforeAll(async () => {
  fixture = await createRepliesFixture();
});
afterAll(() => fixture?.stop());

describe('what was set aside, at ponte relay', () => {
  const commands = () => createDeadLetterCommands(fixture);
  const list = () => commands().list({ limit: 50, withPayload: false });

  it('of agents’ messages is sent again once, however often that is asked for, and Chatwoot shows it as sent', async () => {
    const { messageId, letterId } = await refusedReply(fixture, '5511600000002', 'x');
    const asked = await Promise.all(Array.from({ length: 5 }, () => commands().resend({ ids: [letterId] })));
    expect(asked.reduce((sum, count) => sum + count)).toBe(1);
    await fixture.settled(messageId, 'sent');
    await waitFor(() => fixture.message(messageId).status === 'sent');
    expect(await commands().resend({ ids: [letterId] })).toBe(0);
    expect(fixture.sentTo('5511600000002')).toHaveLength(1);
    expect(await list()).toEqual([]);
  });

  it('of customers’ messages is sent again too', async () => {
    const message = { from: { phone: '5511600000003', name: 'Maria' }, content: { type: 'text' as const, text: 'Oi' } };
    const { id } = fixture.engine.state.receive(INSTANCE, message);
    const event = fixture.engine.state.deliveries().find(({ body }) => body.includes(id));
    const { integrationId } = fixture;
    const letter = { chat: '5511600000003', whatsappId: id, payload: event?.body ?? '', reason: 'x', attempts: 1 };
    await fixture.prisma.bridgeDeadLetter.create({ data: { id: 'dlt_in', integrationId, direction: 'to_chatwoot', ...letter } });
    expect(await commands().resend({ direction: 'to_chatwoot' })).toBe(1);
    const arrived = await waitFor(() =>
      fixture.chatwoot.state.messages(ACCOUNT).find(({ sourceId }) => sourceId === `WAID:${id}`),
    );
    expect(arrived.content).toBe('Oi');
  });

  it('is gone when it is discarded, and stays failed in Chatwoot', async () => {
    const { messageId, letterId } = await refusedReply(fixture, '5511600000004', 'x');
    expect(await commands().discard([letterId, 'dlt_unknown'])).toBe(1);
    expect(await list()).toEqual([]);
    expect(fixture.message(messageId).status).toBe('failed');
    expect(fixture.sentTo('5511600000004')).toEqual([]);
  });

  it('of an integration that is gone is not asked for: nobody would send it', async () => {
    const { letterId } = await refusedReply(fixture, '5511600000005', 'x');
    const where = { id: fixture.integrationId };
    await fixture.prisma.bridgeIntegration.update({ where, data: { state: 'removing' } });
    expect(await commands().resend({ ids: [letterId] })).toBe(0);
    expect(await list()).toMatchObject([{ id: letterId, isActive: false, state: 'dead' }]);
  });
});
