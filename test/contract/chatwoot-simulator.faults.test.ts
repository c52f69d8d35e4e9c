import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { waitFor } from '../support/wait-for.ts';
import { type Chatwoot, startChatwoot } from './chatwoot-simulator.fixture.ts';

const newInbox = { name: 'WhatsApp', channel: { type: 'api' } };
const create = (chatwoot: Chatwoot) => chatwoot.call('POST', '@/inboxes', newInbox);

/** Sends a request by hand and tells what comes back within `waitMs`, and whether the connection was closed. */
function talk(chatwoot: Chatwoot, waitMs: number): Promise<{ text: string; closed: boolean }> {
  const { port, hostname } = new URL(chatwoot.url);
  const body = JSON.stringify(newInbox);
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(Number(port), hostname, () => {
      socket.write(
        `POST /api/v1/accounts/5/inboxes HTTP/1.1\r\nhost: x\r\napi_access_token: ${chatwoot.admin}\r\n` +
          `content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      );
    });
    const finish = (closed: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ text, closed });
    };
    const timer = setTimeout(() => finish(false), waitMs);
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.on('error', () => undefined);
    socket.on('close', () => finish(true));
  });
}

describe('a fault', () => {
  it.each([
    [402, { error: 'Account limit exceeded. Upgrade to a higher plan' }, 'application/json; charset=utf-8'],
    [422, { error: 'The request took too long to complete. Please try again.' }, 'application/json; charset=utf-8'],
    [429, 'Retry later\n', 'text/plain; charset=utf-8'],
    [403, '<html><h1>403 Forbidden</h1></html>', 'text/html; charset=utf-8'],
    [200, '<!DOCTYPE html><html></html>', 'text/html; charset=utf-8'],
  ])('answers %i in place of Chatwoot, as often as it was told to, and creates nothing', async (status, body, contentType) => {
    const chatwoot = await startChatwoot();
    const fault = chatwoot.faults.add({ method: 'post', path: /\/inboxes$/, times: 2, action: { kind: 'status', status, body } });
    for (let i = 0; i < 2; i++) {
      const answer = await create(chatwoot);
      expect(answer).toMatchObject({ status, contentType, text: typeof body === 'string' ? body : JSON.stringify(body) });
    }
    expect(chatwoot.state.inboxes()).toEqual([]);
    expect((await create(chatwoot)).status).toBe(200);
    expect(fault.hits).toBe(2);
    expect(chatwoot.state.requests.map((record) => [record.status, record.faults])).toEqual([
      [status, ['status']],
      [status, ['status']],
      [200, []],
    ]);
  });

  it('redirects', async () => {
    const chatwoot = await startChatwoot();
    const headers = { location: 'https://chat.example/' };
    chatwoot.faults.add({ action: { kind: 'status', status: 308, headers } });
    const answer = await create(chatwoot);
    expect(answer.status).toBe(308);
    expect(answer.headers.get('location')).toBe('https://chat.example/');
  });

  it('touches only what it matches, and begins after the requests it skips', async () => {
    const chatwoot = await startChatwoot();
    chatwoot.faults.add({ method: 'POST', path: '/inboxes$', skip: 1, action: { kind: 'status', status: 500 } });
    expect((await chatwoot.call('GET', '@/inboxes')).status).toBe(200);
    expect((await create(chatwoot)).status).toBe(200);
    expect((await create(chatwoot)).status).toBe(500);
    expect((await chatwoot.call('POST', '@/contacts', {})).status).toBe(200);
    chatwoot.faults.clear();
    expect((await create(chatwoot)).status).toBe(200);
  });

  it('delays', async () => {
    const chatwoot = await startChatwoot();
    chatwoot.faults.add({ action: { kind: 'delay', delayMs: 120 } });
    const startedAt = performance.now();
    expect((await create(chatwoot)).status).toBe(200);
    expect(performance.now() - startedAt).toBeGreaterThan(115);
  });

  it('delays the answer alone: what it does is there before', async () => {
    const chatwoot = await startChatwoot();
    chatwoot.faults.add({ path: /inboxes/, action: { kind: 'delayAfterEffect', delayMs: 400 } });
    let isAnswered = false;
    const creating = create(chatwoot).finally(() => {
      isAnswered = true;
    });
    await waitFor(() => chatwoot.state.inboxes().length === 1);
    expect(isAnswered).toBe(false);
    expect(await creating).toMatchObject({ status: 200, body: { id: 1 } });
  });

  it.each([
    ['hang', 0, false],
    ['hangAfterEffect', 1, false],
    ['reset', 0, true],
    ['resetAfterEffect', 1, true],
  ] as const)('%s never answers; inboxes made: %i, connection closed: %s', async (kind, made, closed) => {
    const chatwoot = await startChatwoot();
    chatwoot.faults.add({ path: /inboxes/, times: 1, action: { kind } });
    expect(await talk(chatwoot, 200)).toEqual({ text: '', closed });
    expect(chatwoot.state.inboxes()).toHaveLength(made);
    expect(chatwoot.state.requests[0]).toMatchObject({ status: null, owner: 'User 1 (Ana)', faults: [kind] });
    expect((await create(chatwoot)).status).toBe(200);
  });

  it('lets go of what hangs when it is cleared', async () => {
    const chatwoot = await startChatwoot();
    chatwoot.faults.add({ action: { kind: 'hang' } });
    const talking = talk(chatwoot, 5000);
    await waitFor(() => chatwoot.state.requests.length === 1);
    chatwoot.faults.clear();
    expect(await talking).toEqual({ text: '', closed: true });
  });

  it('truncates the body: the promised length never arrives', async () => {
    const chatwoot = await startChatwoot();
    chatwoot.faults.add({ action: { kind: 'truncateBody', bytes: 10 } });
    const { text, closed } = await talk(chatwoot, 2000);
    const [head = '', body] = text.split('\r\n\r\n');
    expect(body).toBe('{"id":1,"a');
    expect(Number(/content-length: (\d+)/i.exec(head)?.[1])).toBeGreaterThan(1000);
    expect(closed).toBe(true);
    await expect(create(chatwoot)).rejects.toThrow();
  });

  it('drops headers with an underscore, as a proxy does, and leaves those with hyphens', async () => {
    const chatwoot = await startChatwoot();
    chatwoot.faults.add({ action: { kind: 'dropAuthHeader' } });
    expect(await create(chatwoot)).toMatchObject({
      status: 401,
      text: '{"errors":["You need to sign in or sign up before continuing."]}',
    });
    const hyphens = { token: null, headers: { 'api-access-token': chatwoot.admin } };
    expect((await chatwoot.call('POST', '@/inboxes', newInbox, hyphens)).status).toBe(200);
  });
});

describe('the request log', () => {
  it('counts calls by method and path, with the owner of the token and never the token', async () => {
    const chatwoot = await startChatwoot();
    await create(chatwoot);
    await create(chatwoot);
    await chatwoot.call('GET', '@/inboxes?page=1', undefined, { token: 'unknown' });
    expect(chatwoot.state.countRequests('POST', /\/inboxes$/)).toBe(2);
    expect(chatwoot.state.requests.at(-1)).toMatchObject({ method: 'GET', query: { page: '1' }, status: 401, owner: null });
    expect(JSON.stringify(chatwoot.state.requests)).not.toContain(chatwoot.admin);
    chatwoot.state.clearRequests();
    expect(chatwoot.state.requests).toEqual([]);
  });
});
