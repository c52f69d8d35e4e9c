import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createReplyStore } from '../../bridge/relay/to-whatsapp/reply-store.ts';
import { createDatabase, type Database } from '../../shared/database/database.ts';
import { messageBody, signed } from '../support/chatwoot-webhook.ts';
import { ACCOUNT, type Conversation, createRepliesFixture, INSTANCE, type RepliesFixture } from '../support/replies-fixture.ts';
import { waitFor } from '../support/wait-for.ts';

const SEND = /^\/api\/message\//;
let fixture: RepliesFixture;
let database: Database;
beforeAll(async () => {
  fixture = await createRepliesFixture();
  database = createDatabase({ url: fixture.harness.databaseUrl, poolSize: 2 });
});
afterAll(async () => {
  await database?.stop();
  await fixture?.stop();
});
afterEach(async () => {
  fixture.engine.faults.clear();
  fixture.chatwoot.faults.clear();
  fixture.engine.state.setConnected(INSTANCE, true);
  await fixture.engineProxy.set({ mode: 'pass' });
  await fixture.apiProxy.set({ mode: 'pass' });
});

let lastNumber = 5_511_800_000_000;
const somebody = (): Promise<Conversation> => fixture.converse(String(++lastNumber));
const textsTo = ({ sourceId }: Conversation): unknown[] =>
  fixture.sentTo(sourceId).map(({ content }) => ('text' in content ? content.text : content.type));
async function two(conversation: Conversation, one: string, other: string) {
  const [first, second] = await fixture.replies(conversation, [one, other]);
  if (!first || !second) throw new Error('no messages');
  return [first, second] as const;
}
const refuse = (message: string, times = 1) =>
  fixture.engine.faults.add({
    method: 'POST',
    path: SEND,
    times,
    action: { kind: 'status', status: 400, body: { success: false, error: { message } } },
  });
/** Until Chatwoot shows the message as failed; the reason it shows. */
async function shownFailure(messageId: number): Promise<string> {
  await waitFor(() => fixture.message(messageId).status === 'failed', { describe: 'the failure being shown' });
  return String(fixture.message(messageId).contentAttributes.external_error);
}
const report = async (messageId: number) => (await fixture.rowsOf(messageId)).map((row) => row.report);
const deadLetters = (messageId: number) =>
  fixture.prisma.bridgeDeadLetter.findMany({ where: { integrationId: fixture.integrationId, chatwootMessageId: messageId } });

describe('a reply that the engine refuses', () => {
  it('is shown as failed with the engine’s own reason, and what was written after it still goes out', async () => {
    const maria = await somebody();
    refuse('the number is not on WhatsApp');
    const [first, second] = await two(maria, 'um', 'dois');
    expect(await shownFailure(first.id)).toBe('the WhatsApp engine refused the message: HTTP 400: the number is not on WhatsApp');
    await fixture.settled(second.id, 'sent');
    expect(textsTo(maria)).toEqual(['dois']);
    expect(await deadLetters(first.id)).toMatchObject([
      { direction: 'to_whatsapp', state: 'dead', chat: maria.sourceId, attempts: 1 },
    ]);
  });

  it('never shows the engine’s token', async () => {
    const maria = await somebody();
    refuse('no access for engine-secret-token-marker');
    expect(await shownFailure(fixture.reply(maria, 'um').id)).toContain('no access for [redacted]');
  });

  it('holds back the attachments behind it, and a click on retry sends all that is left, once', async () => {
    const maria = await somebody();
    const file = (name: string) => ({
      filename: name,
      contentType: 'application/pdf',
      base64: Buffer.from(name).toString('base64'),
    });
    fixture.engine.faults.add({
      method: 'POST',
      path: SEND,
      skip: 1,
      times: 1,
      action: { kind: 'status', status: 413, body: '' },
    });
    const message = fixture.reply(maria, { content: 'três', attachments: [file('1.pdf'), file('2.pdf'), file('3.pdf')] });
    await shownFailure(message.id);
    expect((await fixture.rowsOf(message.id)).map(({ state }) => state)).toEqual(['sent', 'failed', 'failed']);
    fixture.chatwoot.state.retryMessage(ACCOUNT, maria.id, message.id);
    await fixture.settled(message.id, 'sent');
    expect(fixture.sentTo(maria.sourceId).map(({ request }) => request?.fileName)).toEqual(['1.pdf', '2.pdf', '3.pdf']);
    expect(fixture.message(message.id).status).toBe('sent');
    expect(await deadLetters(message.id)).toMatchObject([{ state: 'resent', payload: '{}' }]);
  });
});

describe('a click on retry under a failed reply', () => {
  it('sends once, however often its webhook comes', async () => {
    const maria = await somebody();
    refuse('no');
    const message = fixture.reply(maria, 'de novo');
    await shownFailure(message.id);
    await waitFor(async () => (await report(message.id)).join() === '');
    fixture.chatwoot.state.retryMessage(ACCOUNT, maria.id, message.id);
    const meta = { sender: { id: maria.contactId, phone_number: `+${maria.sourceId}` } };
    const conversation = { id: maria.id, contact_inbox: { source_id: maria.sourceId }, meta };
    const changes = { event: 'message_updated', content: 'de novo', conversation };
    const body = messageBody({ id: message.id, inboxId: fixture.inboxId, ...changes });
    await Promise.all(Array.from({ length: 10 }, () => signed(fixture, body)));
    await fixture.settled(message.id, 'sent');
    await Promise.all(Array.from({ length: 5 }, () => signed(fixture, body)));
    await fixture.settled(fixture.reply(maria, 'depois').id, 'sent');
    expect(textsTo(maria)).toEqual(['de novo', 'depois']);
  });

  it('that Chatwoot does not confirm is none: a message that stays failed there is not sent', async () => {
    const maria = await somebody();
    refuse('no');
    const message = fixture.reply(maria, 'não');
    await shownFailure(message.id);
    await waitFor(async () => (await report(message.id)).join() === '');
    await signed(fixture, messageBody({ id: message.id, inboxId: fixture.inboxId, event: 'message_updated' }));
    await waitFor(async () => (await fixture.rowsOf(message.id)).every((row) => row.retryRequestedAt === null));
    await fixture.settled(fixture.reply(maria, 'depois').id, 'sent');
    expect(textsTo(maria)).toEqual(['depois']);
  });

  it('may fail again, and be clicked again', async () => {
    const maria = await somebody();
    refuse('first', 1);
    const message = fixture.reply(maria, 'insistente');
    expect(await shownFailure(message.id)).toContain('first');
    await waitFor(async () => (await report(message.id)).join() === '');
    refuse('second', 1);
    fixture.chatwoot.state.retryMessage(ACCOUNT, maria.id, message.id);
    await waitFor(() => String(fixture.message(message.id).contentAttributes.external_error).includes('second'));
    await waitFor(async () => (await report(message.id)).join() === '');
    fixture.chatwoot.state.retryMessage(ACCOUNT, maria.id, message.id);
    await fixture.settled(message.id, 'sent');
    expect(textsTo(maria)).toEqual(['insistente']);
  });

  it('sends to the number that the contact has got since, with all that the message holds', async () => {
    const stranger = await fixture.converse('5d1c6e0e-7a67-4f7e-9a3c-1de8ad4f1a11');
    const png = Buffer.from('PNG').toString('base64');
    const message = fixture.reply(stranger, {
      content: 'agora sim',
      attachments: [
        { filename: '1.png', contentType: 'image/png', base64: png },
        { filename: '2.png', contentType: 'image/png', base64: png },
      ],
    });
    expect(await shownFailure(message.id)).toContain('give it a phone number in Chatwoot, then retry');
    await waitFor(async () => (await report(message.id)).join() === '');
    const number = String(++lastNumber);
    await fixture.givePhoneNumber(stranger, `+${number}`);
    fixture.chatwoot.state.retryMessage(ACCOUNT, stranger.id, message.id);
    const rows = await fixture.settled(message.id, 'sent');
    expect(fixture.sentTo(number).map(({ request }) => [request?.fileName, request?.message])).toEqual([
      ['1.png', 'agora sim'],
      ['2.png', undefined],
    ]);
    expect(rows.map(({ part, chat }) => [part, chat])).toEqual([
      [0, number],
      [1, number],
    ]);
    expect(fixture.message(message.id).status).toBe('sent');
  });

  it('sends a message whose first webhook never reached us', async () => {
    const maria = await somebody();
    const inbox = fixture.chatwoot.state.inboxes(ACCOUNT).find(({ id }) => id === fixture.inboxId);
    if (!inbox) throw new Error('no inbox');
    const { webhookUrl } = inbox;
    inbox.webhookUrl = 'http://127.0.0.1:9/nobody';
    const message = fixture.reply(maria, 'perdida');
    await shownFailure(message.id);
    await fixture.chatwoot.state.webhooks.idle();
    inbox.webhookUrl = webhookUrl;
    expect(await fixture.rowsOf(message.id)).toEqual([]);
    fixture.chatwoot.state.retryMessage(ACCOUNT, maria.id, message.id);
    await fixture.settled(message.id, 'sent');
    expect(textsTo(maria)).toEqual(['perdida']);
  });
});

describe('a reply that WhatsApp could not deliver', () => {
  it('is sent again by a click on retry, though its content was not kept, once', async () => {
    const maria = await somebody();
    const message = fixture.reply(maria, 'não **entregue**');
    const [row] = await fixture.settled(message.id, 'sent');
    await fail(maria.id, message.id, row?.whatsappId ?? '');
    fixture.chatwoot.state.retryMessage(ACCOUNT, maria.id, message.id);
    await waitFor(() => textsTo(maria).length === 2);
    const [again] = await fixture.settled(message.id, 'sent');
    const body = messageBody({ id: message.id, inboxId: fixture.inboxId, event: 'message_updated', content: 'não **entregue**' });
    await Promise.all(Array.from({ length: 5 }, () => signed(fixture, body)));
    await fixture.settled(fixture.reply(maria, 'depois').id, 'sent');
    expect(textsTo(maria)).toEqual(['não *entregue*', 'não *entregue*', 'depois']);
    expect(again?.whatsappId).toBe(fixture.sentTo(maria.sourceId)[1]?.id);
  });

  it('is not sent again by an update that is no click', async () => {
    const maria = await somebody();
    const message = fixture.reply(maria, 'não entregue');
    const [row] = await fixture.settled(message.id, 'sent');
    await fail(maria.id, message.id, row?.whatsappId ?? '');
    const conversation = { id: maria.id, contact_inbox: { source_id: maria.sourceId } };
    const changes = { event: 'message_updated', content: 'não entregue', conversation };
    await signed(fixture, messageBody({ id: message.id, inboxId: fixture.inboxId, ...changes }));
    await waitFor(async () =>
      (await fixture.rowsOf(message.id)).every(({ state, retryRequestedAt }) => state === 'failed' && !retryRequestedAt),
    );
    await fixture.settled(fixture.reply(maria, 'depois').id, 'sent');
    expect(textsTo(maria)).toEqual(['não entregue', 'depois']);
    fixture.chatwoot.state.retryMessage(ACCOUNT, maria.id, message.id);
    await fixture.settled(message.id, 'sent');
    expect(textsTo(maria)).toEqual(['não entregue', 'depois', 'não entregue']);
  });

  /** As the relay does when the engine tells `server_error`. */
  async function fail(conversationId: number, messageId: number, whatsappId: string): Promise<void> {
    await fixture.prisma.bridgeMessage.updateMany({
      where: { integrationId: fixture.integrationId, whatsappId },
      data: { status: 'failed' },
    });
    const token = fixture.chatwoot.state.addUser({ name: 'Robô', accounts: [{ id: ACCOUNT, role: 'administrator' }] });
    const path = `/api/v1/accounts/${ACCOUNT}/conversations/${conversationId}/messages/${messageId}`;
    await fetch(`${fixture.chatwoot.url()}${path}`, {
      method: 'PATCH',
      headers: { 'api-access-token': token, 'content-type': 'application/json' },
      body: JSON.stringify({ status: 'failed', external_error: 'WhatsApp could not deliver the message' }),
    });
    await shownFailure(messageId);
  }
});

describe('a reply that cannot be sent for the moment', () => {
  it.each<[string, () => Promise<unknown> | unknown, () => Promise<unknown> | unknown]>([
    ['the engine is away', () => fixture.engineProxy.set({ mode: 'refuse' }), () => fixture.engineProxy.set({ mode: 'pass' })],
    ['the api is away', () => fixture.apiProxy.set({ mode: 'refuse' }), () => fixture.apiProxy.set({ mode: 'pass' })],
    [
      'the phone is not connected',
      () => fixture.engine.state.setConnected(INSTANCE, false),
      () => fixture.engine.state.setConnected(INSTANCE, true),
    ],
    [
      'the engine limits us',
      () => fixture.engine.faults.add({ path: SEND, action: { kind: 'status', status: 429, headers: { 'retry-after': '0' } } }),
      () => fixture.engine.faults.clear(),
    ],
  ])('while %s it waits, with everything behind it, and then goes out once and in order', async (_, take, give) => {
    const maria = await somebody();
    await take();
    const messages = await fixture.replies(maria, ['um', 'dois', 'três']);
    await waitFor(async () => ((await fixture.rowsOf(messages[0]?.id ?? 0))[0]?.attempts ?? 0) >= 2);
    const states = await Promise.all(messages.map(async ({ id }) => (await fixture.rowsOf(id))[0]?.attempts));
    expect(states.slice(1)).toEqual([0, 0]);
    await give();
    for (const { id } of messages) await fixture.settled(id, 'sent');
    expect(textsTo(maria)).toEqual(['um', 'dois', 'três']);
    expect(messages.map(({ id }) => fixture.message(id).status)).toEqual(['sent', 'sent', 'sent']);
  });

  it('honours Retry-After', async () => {
    const maria = await somebody();
    fixture.engine.faults.add({ path: SEND, times: 1, action: { kind: 'status', status: 429, headers: { 'retry-after': '1' } } });
    const message = fixture.reply(maria, 'devagar');
    const [row] = await fixture.settled(message.id, 'sent');
    expect((row?.sentAt?.getTime() ?? 0) - (row?.receivedAt.getTime() ?? 0)).toBeGreaterThanOrEqual(1_000);
    expect(textsTo(maria)).toEqual(['devagar']);
  });

  it('fails when it has waited too long, with the reason', async () => {
    const maria = await somebody();
    fixture.engine.state.setConnected(INSTANCE, false);
    const message = fixture.reply(maria, 'tarde demais');
    await waitFor(async () => ((await fixture.rowsOf(message.id))[0]?.attempts ?? 0) >= 1);
    await fixture.prisma.bridgeReply.updateMany({
      where: { integrationId: fixture.integrationId, chatwootMessageId: message.id },
      data: { pendingSince: new Date(Date.now() - 61_000) },
    });
    expect(await shownFailure(message.id)).toContain('Instance is not connected to WhatsApp');
  });
});

describe('a reply that may or may not have been sent', () => {
  it.each(['resetAfterEffect', 'reset'] as const)('is not sent again but shown as that (%s)', async (kind) => {
    const maria = await somebody();
    fixture.engine.faults.add({ method: 'POST', path: SEND, times: 1, action: { kind } });
    const [first, second] = await two(maria, 'talvez', 'certeza');
    expect(await shownFailure(first.id)).toContain('may or may not have been sent');
    await fixture.settled(first.id, 'unknown');
    await fixture.settled(second.id, 'sent');
    expect(textsTo(maria)).toEqual(kind === 'reset' ? ['certeza'] : ['talvez', 'certeza']);
  });

  it('counts as sent when the echo comes in time', async () => {
    const maria = await somebody();
    fixture.engine.faults.add({ method: 'POST', path: SEND, times: 1, action: { kind: 'resetAfterEffect' } });
    const message = fixture.reply(maria, 'com eco');
    const [sent] = await waitFor(() => (textsTo(maria).length > 0 ? fixture.sentTo(maria.sourceId) : undefined));
    await createReplyStore({ ...database, holdBackMs: 0 }).settleSent(
      { integrationId: fixture.integrationId, chatwootMessageId: message.id, part: 0 },
      sent?.id,
    );
    const [row] = await fixture.settled(message.id, 'sent');
    expect(row?.whatsappId).toBe(sent?.id);
    await fixture.settled(fixture.reply(maria, 'depois').id, 'sent');
    expect(fixture.message(message.id).status).toBe('sent');
    expect(textsTo(maria)).toEqual(['com eco', 'depois']);
  });

  it('is taken back in Chatwoot when the echo comes late', async () => {
    const maria = await somebody();
    fixture.engine.faults.add({ method: 'POST', path: SEND, times: 1, action: { kind: 'resetAfterEffect' } });
    const message = fixture.reply(maria, 'eco tardio');
    await shownFailure(message.id);
    await waitFor(async () => (await report(message.id)).join() === '');
    const key = { integrationId: fixture.integrationId, chatwootMessageId: message.id, part: 0 };
    await createReplyStore({ ...database, holdBackMs: 0 }).settleSent(key, fixture.sentTo(maria.sourceId)[0]?.id);
    await waitFor(() => fixture.message(message.id).status === 'sent', { describe: 'the failure being taken back' });
    expect(textsTo(maria)).toEqual(['eco tardio']);
    expect(await deadLetters(message.id)).toEqual([]);
  });
});

describe('telling Chatwoot what became of a reply', () => {
  it('is tried again while Chatwoot is away', async () => {
    const maria = await somebody();
    refuse('no');
    const away = fixture.chatwoot.faults.add({
      method: 'PATCH',
      path: /messages/,
      action: { kind: 'status', status: 502, body: '<html>' },
    });
    const message = fixture.reply(maria, 'x');
    await fixture.settled(message.id, 'failed');
    await waitFor(() => away.hits >= 2);
    away.clear();
    expect(await shownFailure(message.id)).toContain('refused');
  });

  it('ends where the message is gone there', async () => {
    const maria = await somebody();
    refuse('no');
    fixture.chatwoot.faults.add({
      method: 'PATCH',
      path: /messages/,
      action: { kind: 'status', status: 404, body: { error: 'Resource could not be found' } },
    });
    const message = fixture.reply(maria, 'x');
    await fixture.settled(message.id, 'failed');
    await waitFor(async () => (await report(message.id)).join() === '');
  });

  it('is a private note in Chatwoot before 4.2.0, which cannot mark a message', async () => {
    const maria = await somebody();
    // A note is a template to Chatwoot.
    refuse('no {{contact.name}}');
    fixture.chatwoot.faults.add({
      method: 'PATCH',
      path: /messages/,
      action: { kind: 'status', status: 404, body: '<html>not found' },
    });
    const message = fixture.reply(maria, 'x');
    const note = await waitFor(() => fixture.chatwoot.state.messages(ACCOUNT, maria.id).find((other) => other.private));
    expect(note.content).toContain('Not sent to WhatsApp: the WhatsApp engine refused the message');
    expect(note.content).toContain('no {{contact.name}}');
    await waitFor(async () => (await report(message.id)).join() === '');
    expect(textsTo(maria)).toEqual([]);
  });
});

describe('what Chatwoot shows as failed because its webhook was answered too late', () => {
  /** As Chatwoot does itself after a webhook that was not answered. */
  async function lateFor(conversation: Conversation, messageId: number): Promise<void> {
    await fixture.askChatwoot('PATCH', `/conversations/${conversation.id}/messages/${messageId}`, {
      status: 'failed',
      external_error: 'Net::ReadTimeout with #<TCPSocket:(closed)>',
    });
  }
  const isShownAsSent = (messageId: number) =>
    waitFor(() => fixture.message(messageId).status === 'sent', { describe: 'the failure being taken back', timeoutMs: 15_000 });

  it('and was sent all the same is shown as sent', async () => {
    const maria = await somebody();
    const message = fixture.reply(maria, 'foi');
    await fixture.settled(message.id, 'sent');
    await lateFor(maria, message.id);
    await isShownAsSent(message.id);
    expect(textsTo(maria)).toEqual(['foi']);
  });

  it('and is going to be sent is shown as sent before an agent writes it again', async () => {
    const maria = await somebody();
    fixture.engine.state.setConnected(INSTANCE, false);
    const message = fixture.reply(maria, 'vai');
    await waitFor(async () => ((await fixture.rowsOf(message.id))[0]?.attempts ?? 0) >= 1);
    await lateFor(maria, message.id);
    await isShownAsSent(message.id);
    fixture.engine.state.setConnected(INSTANCE, true);
    await fixture.settled(message.id, 'sent');
    expect(textsTo(maria)).toEqual(['vai']);
  });

  it('and failed in truth stays so', async () => {
    const maria = await somebody();
    refuse('no');
    const message = fixture.reply(maria, 'não');
    await shownFailure(message.id);
    await waitFor(async () => (await report(message.id)).join() === '');
    await lateFor(maria, message.id);
    const after = fixture.reply(maria, 'depois');
    await fixture.settled(after.id, 'sent');
    await lateFor(maria, after.id);
    await isShownAsSent(after.id);
    expect(fixture.message(message.id).status).toBe('failed');
  });

  it.each(['sent', 'read'])('and came from WhatsApp is shown as it was (%s)', async (status) => {
    const maria = await somebody();
    const whatsappId = `3EB0${maria.sourceId}`;
    const path = `/conversations/${maria.id}/messages`;
    const values = { content: 'oi', message_type: 'incoming', source_id: `WAID:${whatsappId}` };
    const { id } = await fixture.askChatwoot('POST', path, values);
    await fixture.prisma.bridgeMessage.create({
      data: {
        integrationId: fixture.integrationId,
        whatsappId,
        direction: 'to_chatwoot',
        chat: maria.sourceId,
        conversationId: maria.id,
        chatwootMessageId: id,
        status,
      },
    });
    await lateFor(maria, id);
    await waitFor(() => fixture.message(id).status === status, { describe: 'the failure being taken back', timeoutMs: 15_000 });
  });
});

describe('a reply that the agent deletes', () => {
  it('that waits does not leave', async () => {
    const maria = await somebody();
    fixture.engine.state.setConnected(INSTANCE, false);
    const [first, second] = await two(maria, 'apagada', 'fica');
    await waitFor(async () => ((await fixture.rowsOf(first.id))[0]?.attempts ?? 0) >= 1);
    fixture.chatwoot.state.deleteMessage(ACCOUNT, maria.id, first.id);
    await fixture.settled(first.id, 'ignored');
    fixture.engine.state.setConnected(INSTANCE, true);
    await fixture.settled(second.id, 'sent');
    expect(textsTo(maria)).toEqual(['fica']);
  });
});
