import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACCOUNT, createRepliesFixture, type RepliesFixture } from '../support/replies-fixture.ts';
import { waitFor } from '../support/wait-for.ts';

let fixture: RepliesFixture;
beforeAll(async () => {
  fixture = await createRepliesFixture();
});
afterAll(() => fixture?.stop());

describe('messages whose webhooks came while the bridge was restarting', () => {
  it('are shown as what they are afterwards: an agent’s that was sent, and a customer’s that is there; what failed stays failed', async () => {
    const maria = await fixture.converse('5511800000001');
    const sent = fixture.reply(maria, 'foi');
    await fixture.settled(sent.id, 'sent');
    await fixture.stopBridge();

    // Chatwoot finds nobody to tell, marks the message as failed, and finds nobody to tell of that either.
    const incoming = await fixture.askChatwoot('POST', `/conversations/${maria.id}/messages`, {
      content: 'oi',
      message_type: 'incoming',
      source_id: 'WAID:3EB0AA',
    });
    await fixture.prisma.bridgeMessage.create({
      data: {
        integrationId: fixture.integrationId,
        whatsappId: '3EB0AA',
        direction: 'to_chatwoot',
        chat: maria.sourceId,
        conversationId: maria.id,
        chatwootMessageId: incoming.id,
      },
    });
    const external = 'Net::ReadTimeout with #<TCPSocket:(closed)>';
    const path = `/conversations/${maria.id}/messages/${sent.id}`;
    await fixture.askChatwoot('PATCH', path, { status: 'failed', external_error: external });
    const never = fixture.reply(maria, 'ninguém ouviu');
    for (const { id } of [incoming, sent, never]) {
      await waitFor(() => fixture.message(id).status === 'failed', { describe: `message ${id} being shown as failed` });
    }
    await fixture.chatwoot.state.webhooks.idle();

    await fixture.startBridge({ webhooks: true });
    for (const { id } of [incoming, sent]) {
      await waitFor(() => fixture.message(id).status === 'sent', {
        describe: `message ${id} being put right`,
        timeoutMs: 30_000,
      });
    }
    expect(fixture.message(never.id).status).toBe('failed');
    expect(fixture.sentTo(maria.sourceId)).toHaveLength(1);
    expect(fixture.chatwoot.state.messages(ACCOUNT, maria.id).filter((message) => message.private)).toEqual([]);
  });
});
