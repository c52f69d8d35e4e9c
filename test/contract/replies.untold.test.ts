import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { INTEGRATIONS_CHANNEL } from '../../bridge/leases/queries/leases.ts';
import { FIRST_ACTION_PART } from '../../bridge/relay/action-parts.ts';
import { textsOf } from '../../bridge/texts/texts.ts';
import { ACCOUNT, type Conversation, createRepliesFixture, type RepliesFixture } from '../support/replies-fixture.ts';
import { HEARTBEAT, observeStatements } from '../support/statements.ts';
import { waitFor } from '../support/wait-for.ts';

const OFTEN = { everyMs: 300, spreadMs: 0, soonMs: 50, soonAgainMs: 50 };
const HARDLY_EVER = { everyMs: 3_600_000, spreadMs: 0, soonMs: 50, soonAgainMs: 50, aftermathMs: 3_600_000 };
const { tooLate } = textsOf({ language: 'en', accountLocale: null }).replyReasons;

let fixture: RepliesFixture;
let last = 5511900000000;
function converse(): Promise<Conversation> {
  last += 1;
  return fixture.converse(String(last));
}
/** The agent writes, and Chatwoot loses the job that would tell of it. */
function untold(conversation: Conversation, content: string) {
  fixture.chatwoot.state.webhooks.lose(1, 'message_created');
  return fixture.reply(conversation, content);
}
const textsTo = ({ sourceId }: Conversation) =>
  fixture.sentTo(sourceId).map(({ content }) => (content.type === 'text' ? content.text : content.type));
const looks = () => fixture.chatwoot.state.countRequests('GET', /\/conversations$/);
/** Until the inbox has been looked through from beginning to end. */
async function lookedThrough(): Promise<void> {
  const before = looks();
  await waitFor(() => looks() >= before + 3, { describe: 'two whole looks at the inbox' });
}

describe('an inbox that is looked through now and then', () => {
  let asked: string[] = [];
  const stopObserving = observeStatements(({ text }) => asked.push(text));
  beforeAll(async () => {
    fixture = await createRepliesFixture({ inboxLook: OFTEN });
  });
  afterAll(() => {
    stopObserving();
    return fixture?.stop();
  });
  afterEach(() => {
    fixture.chatwoot.faults.clear();
    fixture.chatwoot.state.webhooks.release();
  });

  it('has a reply sent whose webhook job Chatwoot lost, once, though it shows it as sent', async () => {
    const maria = await converse();
    const { id } = untold(maria, 'ninguém avisou');
    await fixture.settled(id, 'sent');
    await lookedThrough();
    expect(textsTo(maria)).toEqual(['ninguém avisou']);
    expect(fixture.message(id).status).toBe('sent');
  });

  it('has it sent once where the webhook comes after all', async () => {
    const maria = await converse();
    fixture.chatwoot.state.webhooks.hold('deliveries');
    const { id } = fixture.reply(maria, 'tarde');
    await fixture.settled(id, 'sent');
    fixture.chatwoot.state.webhooks.release();
    await fixture.chatwoot.state.webhooks.idle();
    await lookedThrough();
    expect(await fixture.rowsOf(id)).toHaveLength(1);
    expect(textsTo(maria)).toEqual(['tarde']);
  });

  it('has sent what an agent wrote while Redis took no jobs, in the order of its ids', async () => {
    const maria = await converse();
    const path = `/conversations/${maria.id}/messages`;
    fixture.chatwoot.faults.add({ method: 'POST', path: 'messages', action: { kind: 'trouble', trouble: 'redisFull' } });
    for (const content of ['um', 'dois', 'três'])
      await expect(fixture.askChatwoot('POST', path, { content })).rejects.toThrow('OOM');
    fixture.chatwoot.faults.clear();
    await waitFor(() => textsTo(maria).length === 3, { describe: 'three replies' });
    expect(textsTo(maria)).toEqual(['um', 'dois', 'três']);
  });

  it('has sent what was written while its webhook address was empty, with the look that puts it back', async () => {
    const maria = await converse();
    const inbox = fixture.chatwoot.state.inboxes(ACCOUNT).find(({ id }) => id === fixture.inboxId);
    if (inbox === undefined) throw new Error('no inbox');
    const address = inbox.webhookUrl;
    inbox.webhookUrl = '';
    const { id } = fixture.reply(maria, 'sem endereço');
    await fixture.settled(id, 'sent');
    // Found by the look that puts it back, or by one that had looked at the inbox a moment before.
    await waitFor(() => inbox.webhookUrl === address, { describe: 'the address being put back' });
    expect(textsTo(maria)).toEqual(['sem endereço']);
  });

  it('shows as failed what is too old to be sent, with the reason, and sends it when the agent retries', async () => {
    const maria = await converse();
    const message = untold(maria, 'há uma hora');
    message.createdAt -= 3_600_000;
    await waitFor(() => fixture.message(message.id).status === 'failed', { describe: 'the message being shown as failed' });
    expect(fixture.message(message.id).contentAttributes.external_error).toBe(tooLate);
    await lookedThrough();
    expect(textsTo(maria)).toEqual([]);
    fixture.chatwoot.state.retryMessage(ACCOUNT, maria.id, message.id);
    await waitFor(() => textsTo(maria).length > 0, { describe: 'the retry' });
    expect(textsTo(maria)).toEqual(['há uma hora']);
  });

  it('leaves alone what customers, notes and deleted messages say, and what was there before it was taken over', async () => {
    const maria = await converse();
    fixture.chatwoot.state.webhooks.lose(4, 'message_created');
    const path = `/conversations/${maria.id}/messages`;
    await fixture.askChatwoot('POST', path, { content: 'de cliente', message_type: 'incoming', source_id: 'WAID:3EB0FF' });
    await fixture.askChatwoot('POST', path, { content: 'nosso', source_id: 'WAID:3EB0FE' });
    await fixture.askChatwoot('POST', path, { content: 'nota', private: true });
    const deleted = fixture.reply(maria, 'apagada');
    fixture.chatwoot.state.deleteMessage(ACCOUNT, maria.id, deleted.id);
    await lookedThrough();
    // As of an inbox that is taken over: where looking begins is found out first.
    const joao = await converse();
    await lookFrom(2_147_483_647);
    untold(joao, 'de antes');
    await lookFrom(null);
    expect(await markOf()).not.toBeNull();
    const { id } = untold(joao, 'de depois');
    await fixture.settled(id, 'sent');
    expect(textsTo(maria)).toEqual([]);
    expect(textsTo(joao)).toEqual(['de depois']);
  });

  it('is looked through to its end, beyond a page, and conversations beyond a page of theirs', async () => {
    const many: Conversation[] = [];
    for (let index = 0; index < 26; index += 1) many.push(await converse());
    const [first] = many;
    if (first === undefined) throw new Error('no conversation');
    fixture.chatwoot.state.webhooks.lose(26 + 21, 'message_created');
    const texts = Array.from({ length: 21 }, (_, index) => `linha ${index}`);
    for (const conversation of many) fixture.reply(conversation, 'oi');
    for (const text of texts) fixture.reply(first, text);
    for (const conversation of many) {
      await waitFor(() => textsTo(conversation).length > 0, { describe: `conversation ${conversation.id}`, timeoutMs: 60_000 });
    }
    await waitFor(() => textsTo(first).length > texts.length, { describe: 'the long conversation', timeoutMs: 60_000 });
    expect(textsTo(first)).toEqual(['oi', ...texts]);
    for (const conversation of many.slice(1)) expect(textsTo(conversation)).toEqual(['oi']);
  });

  it('costs two requests a look while nothing happens and no statement, and moves its mark behind what has settled', async () => {
    for (const message of fixture.chatwoot.state.messages(ACCOUNT)) message.createdAt -= 120_000;
    const newest = Math.max(...fixture.chatwoot.state.messages(ACCOUNT).map(({ id }) => id));
    await waitFor(async () => (await markOf()) === newest, { describe: 'the mark' });
    await lookedThrough();
    fixture.chatwoot.state.clearRequests();
    asked = [];
    await lookedThrough();
    await lookedThrough();
    const countOf = (text: string) => asked.filter((one) => one === text).length;
    // What runs by itself does so less often than it is looked.
    expect([...new Set(asked)].filter((text) => countOf(text) >= looks() && !HEARTBEAT.test(text))).toEqual([]);
    const paths = new Set(
      fixture.chatwoot.state.requests.map(({ method, path }) => `${method} ${path.replace(/^.*accounts\/\d+/, '')}`),
    );
    expect([...paths].toSorted()).toEqual(['GET /conversations', `GET /inboxes/${fixture.inboxId}`]);
  });
});

/** As an activation does that takes an inbox over. Whoever looks next with that row takes over the name that it has in Chatwoot. */
async function lookFrom(caughtUpTo: number | null): Promise<void> {
  const { prisma, integrationId: id } = fixture;
  const { inboxName } = await integrationRow();
  const tell = () => prisma.$executeRaw`SELECT pg_notify(${INTEGRATIONS_CHANNEL}, ${id})`;
  await prisma.bridgeIntegration.update({ where: { id }, data: { caughtUpTo, inboxName: 'as nobody calls it' } });
  await tell();
  const isLookedAt = async () => (await integrationRow()).inboxName === inboxName;
  await waitFor(isLookedAt, { describe: 'a look with the changed row' });
  await tell();
  await lookedThrough();
}

const integrationRow = () => fixture.prisma.bridgeIntegration.findUniqueOrThrow({ where: { id: fixture.integrationId } });
const markOf = async () => (await integrationRow()).caughtUpTo;

describe('an inbox that nobody looks at', () => {
  beforeAll(async () => {
    fixture = await createRepliesFixture({ inboxLook: HARDLY_EVER });
  });
  afterAll(() => fixture?.stop());

  it('has a lost reply sent before the next one of its conversation, and leaves other conversations to their own', async () => {
    const [maria, joao] = [await converse(), await converse()];
    untold(maria, 'primeiro');
    untold(maria, 'segundo');
    untold(joao, 'outra conversa');
    const { id } = fixture.reply(maria, 'terceiro');
    await fixture.settled(id, 'sent');
    expect(textsTo(maria)).toEqual(['primeiro', 'segundo', 'terceiro']);
    expect(textsTo(joao)).toEqual([]);
  });

  it('has replies sent in the order of Chatwoot’s ids, whatever order their webhooks come in', async () => {
    const maria = await converse();
    const { webhooks } = fixture.chatwoot.state;
    const texts = Array.from({ length: 12 }, (_, index) => `${index}`);
    webhooks.shuffle = true;
    for (const text of texts) fixture.reply(maria, text);
    await waitFor(() => textsTo(maria).length === texts.length, { describe: 'all replies' });
    webhooks.shuffle = false;
    expect(textsTo(maria)).toEqual(texts);
  });

  it('has a file sent only once Chatwoot has stored it, of which it told before', async () => {
    const maria = await converse();
    const { settings } = fixture.chatwoot.state;
    settings.fileDelayMs = 3_600_000;
    const file = { filename: 'nota.pdf', contentType: 'application/pdf', base64: Buffer.from('%PDF').toString('base64') };
    const { id } = fixture.reply(maria, { attachments: [file] });
    await waitFor(async () => ((await fixture.rowsOf(id))[0]?.attempts ?? 0) > 1, { describe: 'a second look at the file' });
    expect(fixture.sentTo(maria.sourceId)).toEqual([]);
    settings.fileDelayMs = 0;
    await fixture.settled(id, 'sent');
    expect(fixture.sentTo(maria.sourceId)).toHaveLength(1);
  });

  it('has a reply wait while Chatwoot does not say for a moment what came before it, and those behind it as well', async () => {
    const maria = await converse();
    // Sent, so that it is the look back alone that finds what was lost.
    await fixture.settled(fixture.reply(maria, 'um').id, 'sent');
    fixture.chatwoot.faults.add({
      ...{ method: 'GET', path: 'messages', times: 3 },
      action: { kind: 'trouble', trouble: 'databaseRefuses' },
    });
    untold(maria, 'dois');
    fixture.reply(maria, 'três');
    const { id } = fixture.reply(maria, 'quatro');
    await fixture.settled(id, 'sent');
    expect(textsTo(maria)).toEqual(['um', 'dois', 'três', 'quatro']);
    // Looking counts for no try to send it.
    expect((await fixture.rowsOf(id))[0]?.attempts).toBe(1);
  });

  it('has a reply sent though Chatwoot does not say at all what came before it', async () => {
    const maria = await converse();
    fixture.chatwoot.faults.add({ method: 'GET', path: 'messages', action: { kind: 'trouble', trouble: 'databaseRefuses' } });
    const { id } = fixture.reply(maria, 'mesmo assim');
    await fixture.settled(id, 'sent');
    fixture.chatwoot.faults.clear();
    expect(textsTo(maria)).toEqual(['mesmo assim']);
  });

  it('is looked through after a webhook was refused: a deletion that nobody told of is carried out, once', async () => {
    const maria = await converse();
    const sent = fixture.reply(maria, 'errado');
    await fixture.settled(sent.id, 'sent');
    fixture.chatwoot.state.webhooks.lose(2, 'message_updated');
    fixture.chatwoot.state.deleteMessage(ACCOUNT, maria.id, sent.id);
    const lost = untold(maria, 'perdido');
    const refused = await fetch(fixture.bridgeUrl + fixture.webhookPath, { method: 'POST', body: '{}' });
    expect(refused.status).toBe(401);
    await fixture.settled(lost.id, 'sent');
    const deletions = () =>
      fixture.prisma.bridgeReply.count({ where: { chatwootMessageId: sent.id, part: { gte: FIRST_ACTION_PART } } });
    await waitFor(async () => (await deletions()) === 1, { describe: 'the deletion being stored' });
  });
});

describe('an inbox in which something was found of which no webhook had told', () => {
  beforeAll(async () => {
    fixture = await createRepliesFixture({ inboxLook: { ...HARDLY_EVER, aftermathMs: 700 } });
  });
  afterAll(() => fixture?.stop());

  it('is looked at once more: what Chatwoot showed as failed afterwards, and nobody told of, is shown as sent', async () => {
    const maria = await converse();
    const found = untold(maria, 'achado');
    await fixture.settled(fixture.reply(maria, 'depois').id, 'sent');
    // Its webhook has found nobody after all, as the one that tells of the failure.
    fixture.chatwoot.state.webhooks.lose(1, 'message_updated');
    const path = `/conversations/${maria.id}/messages/${found.id}`;
    await fixture.askChatwoot('PATCH', path, { status: 'failed', external_error: 'Connection refused - connect(2)' });
    await waitFor(() => fixture.message(found.id).status !== 'failed', { describe: 'the message being shown as sent' });
    expect(textsTo(maria)).toEqual(['achado', 'depois']);
  });
});
