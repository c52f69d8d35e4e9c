import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { applySeed, seedSchema } from '../../simulators/chatwoot/control.ts';
import { createChatwootSimulator } from '../../simulators/chatwoot/index.ts';
import { freePort } from '../support/ports.ts';
import { startProcess } from '../support/processes.ts';
import { waitFor } from '../support/wait-for.ts';
import { at, startReceiver } from './chatwoot-simulator.fixture.ts';

const TOKEN = 'an-administrators-token';
const seed = JSON.stringify({
  accounts: [{ id: 6, name: 'Suspended', suspended: true }],
  users: [{ name: 'Ana', token: TOKEN, accounts: [{ id: 5, name: 'Acme', role: 'administrator' }] }],
});

const callerOf = (url: string) => async (method: string, path: string, body?: unknown) => {
  const response = await fetch(url + path, {
    method,
    headers: { 'api-access-token': TOKEN, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(5000),
  });
  const text = await response.text();
  return { status: response.status, text, body: text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : undefined };
};

async function startSimulator(...args: string[]) {
  const started = await startProcess({ name: 'chatwoot', entry: 'simulators/chatwoot/main.ts', args, readyWhen: /"ready":true/ });
  const line = started.lines().find((candidate) => candidate.includes('"ready":true')) ?? '{}';
  const url = String(at(JSON.parse(line), 'url'));
  return { started, url, call: callerOf(url) };
}

/** What needs no process of its own. */
async function startHere() {
  const simulator = createChatwootSimulator();
  applySeed(simulator.state, seedSchema.parse(JSON.parse(seed)));
  const { url } = await simulator.start();
  onTestFinished(() => simulator.stop());
  return { url, call: callerOf(url) };
}

async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'ponte-chatwoot-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  return directory;
}

describe('the simulated Chatwoot as a process', () => {
  it('seeds, says in one line of JSON that it is ready, and ends with 0 on SIGTERM, hanging requests or not', async () => {
    const { started, call, url } = await startSimulator('--seed', seed);
    expect((await call('GET', '/api/v1/accounts/5/inboxes')).text).toBe('{"payload":[]}');
    expect((await call('GET', '/api/v1/accounts/6/inboxes')).text).toBe('{"error":"Account is suspended"}');
    await call('POST', '/__sim/faults', { path: '/api', action: { kind: 'hang' } });
    const hanging = fetch(`${url}/api`).then(
      () => 'answered',
      () => 'cut',
    );
    await waitFor(async () => (await call('GET', '/__sim/state')).text.includes('"hang"'));
    started.signal('SIGTERM');
    expect(await started.exited).toEqual({ code: 0, signal: null });
    expect(await hanging).toBe('cut');
  });

  it('goes on where it stopped with the same data file, after a kill as well, on the same port', async () => {
    const directory = await temporaryDirectory();
    const args = ['--seed', seed, '--data', join(directory, 'data.json'), '--port', String(await freePort())];
    const before = await startSimulator(...args);
    const inbox = { name: 'WhatsApp', channel: { type: 'api', webhook_url: 'http://127.0.0.1:1/x' } };
    expect((await before.call('POST', '/api/v1/accounts/5/inboxes', inbox)).status).toBe(200);
    await before.call('POST', '/api/v1/accounts/5/contacts', { name: 'Maria', inbox_id: 1, source_id: 's' });
    const conversation = { inbox_id: 1, contact_id: 1, source_id: 's', message: { content: 'Oi', message_type: 'incoming' } };
    expect((await before.call('POST', '/api/v1/accounts/5/conversations', conversation)).status).toBe(200);
    const attachments = [{ filename: 'a.txt', contentType: 'text/plain', base64: Buffer.from('bytes').toString('base64') }];
    const reply = await before.call('POST', '/__sim/conversations/5/1/reply', { attachments });
    const answered = await before.call('GET', '/api/v1/accounts/5/inboxes/1');
    // The ambiguous case: the work is done, the answer never comes, and the process dies.
    await before.call('POST', '/__sim/faults', { method: 'POST', path: 'inboxes', action: { kind: 'resetAfterEffect' } });
    await expect(before.call('POST', '/api/v1/accounts/5/inboxes', { ...inbox, name: 'Unanswered' })).rejects.toThrow();
    await before.started.kill9();

    const after = await startSimulator(...args);
    expect(after.url).toBe(before.url);
    expect((await after.call('GET', '/api/v1/accounts/5/inboxes/1')).body).toEqual(answered.body);
    expect((await after.call('GET', '/api/v1/accounts/5/inboxes')).text).toContain('Unanswered');
    const messages = await after.call('GET', '/api/v1/accounts/5/conversations/1/messages');
    const file = messages.body.payload.find((message: unknown) => at(message, 'id') === reply.body.id);
    expect(await (await fetch(String(at(file, 'attachments', 0, 'data_url')))).text()).toBe('bytes');
    const next = await after.call('POST', '/api/v1/accounts/5/conversations', conversation);
    expect(next.body.id).toBe(2);
    // Until it has ended it writes.
    after.started.signal('SIGTERM');
    expect(await after.started.exited).toEqual({ code: 0, signal: null });
    expect(await readdir(directory)).toEqual(['data.json']);
  });

  it('is played through its control endpoints: what agents do reaches the webhook', async () => {
    const receiver = await startReceiver();
    const { call } = await startHere();
    const inbox = { name: 'WhatsApp', channel: { type: 'api', webhook_url: receiver.url } };
    await call('POST', '/api/v1/accounts/5/inboxes', inbox);
    await call('POST', '/api/v1/accounts/5/contacts', { name: 'Maria', inbox_id: 1, source_id: 's' });
    await call('POST', '/api/v1/accounts/5/conversations', { inbox_id: 1, contact_id: 1, source_id: 's' });
    const base = '/__sim/conversations/5/1';
    const reply = await call('POST', `${base}/reply`, { content: 'Olá', agentName: 'Bia' });
    expect(reply.status).toBe(201);
    await receiver.waitForEvent('message_created');
    expect(receiver.ofEvent('message_created')[0]?.body).toMatchObject({ content: 'Olá', sender: { name: 'Bia' } });

    await call('PATCH', `/api/v1/accounts/5/conversations/1/messages/${reply.body.id}`, {
      status: 'failed',
      external_error: 'e',
    });
    await receiver.waitForEvent('message_updated');
    expect((await call('POST', `${base}/messages/${reply.body.id}/retry`)).status).toBe(204);
    await receiver.waitForEvent('message_updated', 3);
    expect((await call('DELETE', `${base}/messages/${reply.body.id}`)).status).toBe(204);
    await receiver.waitForEvent('message_updated', 4);
    expect(receiver.ofEvent('message_updated').some((entry) => at(entry.body, 'content_attributes', 'deleted') === true)).toBe(
      true,
    );

    expect((await call('POST', `${base}/status`, { status: 'resolved' })).status).toBe(204);
    await receiver.waitForEvent('conversation_status_changed');
    expect((await call('POST', `${base}/typing`, { status: 'on' })).status).toBe(204);
    await receiver.waitForEvent('conversation_typing_on');
    expect((await call('POST', `${base}/assignee`, { agentName: 'Bia' })).status).toBe(204);
    const changed = await call('PATCH', '/__sim/contacts/5/1', { name: 'Maria Souza', blocked: true });
    expect(changed.body).toEqual({ id: 1, name: 'Maria Souza', blocked: true });
    const conversation = await call('GET', '/api/v1/accounts/5/conversations/1');
    expect(conversation.body).toMatchObject({
      muted: true,
      status: 'resolved',
      meta: { sender: { name: 'Maria Souza' }, assignee: { name: 'Bia' } },
    });
    expect((await call('DELETE', '/__sim/contacts/5/1')).status).toBe(204);
    expect((await call('GET', '/api/v1/accounts/5/contacts/1')).status).toBe(404);
  });

  it('is put into trouble through its control endpoints, and loses and holds webhooks', async () => {
    const receiver = await startReceiver();
    const { call } = await startHere();
    const inbox = { name: 'WhatsApp', channel: { type: 'api', webhook_url: receiver.url } };
    await call('POST', '/api/v1/accounts/5/inboxes', inbox);
    await call('POST', '/api/v1/accounts/5/contacts', { name: 'Maria', inbox_id: 1, source_id: 's' });
    await call('POST', '/api/v1/accounts/5/conversations', { inbox_id: 1, contact_id: 1, source_id: 's' });
    const post = (content: string) => call('POST', '/api/v1/accounts/5/conversations/1/messages', { content });
    const trouble = { kind: 'trouble', trouble: 'redisFull' };
    expect((await call('POST', '/__sim/faults', { times: 1, action: trouble })).status).toBe(201);
    expect((await post('stored')).status).toBe(422);
    expect((await call('POST', '/__sim/webhooks/lose', { event: 'message_created', times: 1 })).status).toBe(204);
    expect((await post('lost')).status).toBe(200);
    expect((await post('heard')).status).toBe(200);
    await receiver.waitForEvent('message_created');
    expect((await call('POST', '/__sim/webhooks/hold', { stage: 'deliveries' })).status).toBe(204);
    expect((await post('late')).status).toBe(200);
    await waitFor(async () => at((await call('GET', '/__sim/state')).body, 'webhooks', 'held') === 1);
    const heard = () => receiver.ofEvent('message_created').map((entry) => at(entry.body, 'content'));
    expect(heard()).toEqual(['heard']);
    expect((await call('POST', '/__sim/webhooks/release')).status).toBe(204);
    await receiver.waitForEvent('message_created', 2);
    expect(heard()).toEqual(['heard', 'late']);
    const listed = await call('GET', '/api/v1/accounts/5/conversations/1/messages');
    expect(listed.body.payload.map((message: unknown) => at(message, 'content'))).toEqual(['stored', 'lost', 'heard', 'late']);
  });

  it('refuses control calls it does not understand, and those about what is not there', async () => {
    const { call } = await startHere();
    expect(await call('POST', '/__sim/faults', { action: { kind: 'explode' } })).toMatchObject({ status: 400 });
    expect(await call('POST', '/__sim/conversations/5/99/reply', { content: 'x' })).toMatchObject({ status: 404 });
    expect(await call('PATCH', '/__sim/settings', { contactSearchesPerMinute: 0 })).toMatchObject({ status: 200 });
    expect(await call('GET', '/api/v1/accounts/5/contacts/search?q=x')).toMatchObject({ status: 429, text: 'Retry later\n' });
    const account = await call('POST', '/__sim/accounts', { id: 8, inboxLimit: 0 });
    expect(account.body).toMatchObject({ id: 8, inboxLimit: 0 });
    const user = await call('POST', '/__sim/users', { name: 'Bia', accounts: [{ id: 8, role: 'agent' }] });
    expect(user.body.token).toMatch(/^\w{24}$/);
  });
});

describe('what it shows', () => {
  it('names no token and no secret, neither in the state nor on the page, and escapes what people wrote', async () => {
    const { call, url } = await startHere();
    const inbox = {
      name: 'W <script>alert(1)</script>',
      channel: { type: 'api', webhook_url: 'http://127.0.0.1:1/the-secret-path' },
    };
    const created = await call('POST', '/api/v1/accounts/5/inboxes', inbox);
    await call('POST', '/api/v1/accounts/5/contacts', { name: '"><img src=x>', inbox_id: 1, source_id: 's' });
    const message = { content: '<img src=y onerror=alert(1)> **bold**', message_type: 'incoming' };
    await call('POST', '/api/v1/accounts/5/conversations', { inbox_id: 1, contact_id: 1, source_id: 's', message });
    await call('POST', '/__sim/conversations/5/1/reply', {
      content: 'see',
      attachments: [{ filename: '"a".png', contentType: 'image/png', base64: 'AAAA' }],
    });
    const page = await (await fetch(`${url}/__sim/`)).text();
    const state = await call('GET', '/__sim/state');
    for (const secret of [TOKEN, created.body.hmac_token, created.body.secret]) {
      expect(page).not.toContain(secret);
      expect(state.text).not.toContain(secret);
    }
    expect(page).not.toContain('the-secret-path');
    expect(page).not.toMatch(/<script>alert|<img src=[xy]/);
    expect(page).toContain('<strong>bold</strong>');
    expect(page).toMatch(/<img src="\/rails\/active_storage\/[^"]+"/);
    // Nothing from elsewhere: every address in it is a path of the simulator.
    expect(page).not.toMatch(/(src|href)="(https?:)?\/\//);
    expect(state.body.requests.length).toBeGreaterThan(2);
    expect(state.body.messages).toHaveLength(2);
  });
});
