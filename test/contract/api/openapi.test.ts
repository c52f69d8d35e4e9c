import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operations } from '../../../api/openapi/document.ts';
import * as ponte from '../../../clients/typescript/ponte.ts';
import { projectRoot } from '../../../shared/project-root.ts';
import { createContract } from '../../support/openapi.ts';
import { startFakeBridge } from './fake-bridge.ts';
import { type Answer, call, createHarness, type Harness, type RunningApi, setBody } from './harness.ts';
import { startTinyWorker } from './tiny-worker.ts';

const contract = createContract();

describe('the OpenAPI document', () => {
  let harness: Harness;
  let api: RunningApi;
  let bridge: Awaited<ReturnType<typeof startFakeBridge>>;

  beforeAll(async () => {
    bridge = await startFakeBridge();
    harness = await createHarness('postgres', { BRIDGE_URL: bridge.url });
    api = await harness.startApi();
  });
  afterAll(async () => {
    await harness.stop();
    await bridge.stop();
  });

  it('is served, is 3.1, and is the one the tests hold answers against', async () => {
    const answer = await call(api.url, 'GET', '/openapi.json');
    expect(answer).toMatchObject({ status: 200, body: { openapi: '3.1.0', info: { title: 'Ponte' } } });
    expect(answer.body.paths).toEqual(JSON.parse(JSON.stringify(contract.document.paths)));
    const ids = operations.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('fills its forms in with what is taken, and with no more than a first try needs', () => {
    const withBody = operations.filter(({ body }) => body !== undefined);
    expect(withBody.map(({ id }) => id)).toEqual(expect.arrayContaining(['createInstance', 'activateChatwoot', 'checkChatwoot']));
    for (const { id, body, example } of withBody) {
      expect([id, body?.safeParse(example).error?.issues]).toEqual([id, undefined]);
      expect(Object.keys(example ?? {}).length).toBeLessThanOrEqual(4);
    }
  });

  it('tells of every endpoint below /api that a router has, with its method, and of no other', async () => {
    const files = await readdir(join(projectRoot, 'api'), { recursive: true });
    const sources = files.filter((file) => file.endsWith('/routes.ts') && !/^(admin|docs|health|http)\//.test(file));
    const found: string[] = [];
    for (const file of sources) {
      const text = await readFile(join(projectRoot, 'api', file), 'utf8');
      const [, base] = /`(\/api\/\w+)`/.exec(text) ?? [];
      for (const [, path = '', handlers = ''] of text.matchAll(
        /route\(router, '([^']+)', \{([\s\S]*?)\}(?:, \{ \w+: '\w+' \})?\);/g,
      )) {
        for (const [, method] of handlers.matchAll(/\b(get|post|patch|delete): /g)) {
          found.push(`${method} ${base}${path.replace(/:(\w+)/g, '{$1}')}`);
        }
      }
    }
    const told = operations.filter(({ path }) => path.startsWith('/api/')).map(({ method, path }) => `${method} ${path}`);
    expect(found.sort()).toEqual(told.sort());
  });

  it('holds for the answers of a whole life: create, activate, look, check, deactivate, delete', async () => {
    const worker = startTinyWorker(harness);
    const { token } = await harness.createAccount();
    const checked: string[] = [];
    const request = async (
      method: string,
      path: string,
      body?: unknown,
      headers: Record<string, string> = {},
    ): Promise<Answer> => {
      const answer = await call(api.url, method, path, { token, body, headers });
      checked.push(`${method} ${path} ${answer.status}`);
      expect({ [`${method} ${path} ${answer.status}`]: contract.faults({ method, path, ...answer }) }).toEqual({
        [`${method} ${path} ${answer.status}`]: [],
      });
      return answer;
    };
    bridge.reply(({ method }) =>
      method === 'GET' ? { status: 200, body: { id: 'x', status: 'active', inbox_id: 3 } } : { status: 200, body: {} },
    );
    await request('POST', '/api/instance/new', { name: 'life' });
    await request('POST', '/api/instance/new', { name: 'life' });
    await request('POST', '/api/instance/new', { name: 'inline', chatwootEnabled: true, ...setBody() });
    await request('POST', '/api/instance/new', { name: 'inline-2', chatwootEnabled: true });
    await request('GET', '/api/instance/list?instanceName=nobody');
    await request('POST', '/api/chatwoot/check/life', setBody());
    await request('GET', '/api/chatwoot/list/life');
    await request('POST', '/api/chatwoot/set/life', setBody(), { 'idempotency-key': 'k' });
    await request('POST', '/api/chatwoot/set/life', setBody({ signMessages: true }), { 'idempotency-key': 'k' });
    await request('POST', '/api/chatwoot/set/life', setBody(), { prefer: 'respond-async' });
    await request('POST', '/api/chatwoot/set/life', {});
    await request('POST', '/api/chatwoot/set/nobody', setBody());
    await request('POST', '/api/events/ingest/life', { event: 'message.status', data: {} });
    await request('POST', '/api/message/text/life', { number: '5511999999999', message: 'x' });
    await request('GET', '/api/chatwoot/list/life');
    await request('GET', '/api/chatwoot/activations/life');
    await request('GET', '/api/instance/list');
    await request('DELETE', '/api/chatwoot/delete/life');
    await request('DELETE', '/api/chatwoot/delete/life');
    await request('DELETE', '/api/instance/delete/life');
    await request('PUT', '/api/instance/list');
    await request('GET', '/api/nothing/at/all');
    await request('GET', '/healthz');
    await request('GET', '/readyz');
    await request('GET', '/version');
    expect(checked.map((line) => Number(line.split(' ').pop()))).toEqual([
      201,
      409,
      201,
      201,
      404,
      200,
      404,
      201,
      409,
      202,
      400,
      404,
      expect.any(Number),
      503,
      200,
      200,
      200,
      200,
      404,
      200,
      405,
      404,
      200,
      200,
      200,
    ]);
    await worker.stop();
  });

  it('makes a client whose functions set, look, check and delete, and tell answers and errors apart by their types', async () => {
    const worker = startTinyWorker(harness);
    const { token } = await harness.createAccount();
    const as = { baseUrl: api.url, headers: { token } };
    bridge.reply(({ method, path }) => {
      if (path === '/v1/integrations/check') return { status: 200, body: { ok: true } };
      return method === 'GET' ? { status: 200, body: { id: 'x', status: 'active', inbox_id: 3 } } : { status: 200, body: {} };
    });

    const made = await ponte.createInstance({ name: 'typed' }, as);
    if (made.status !== 201) throw new Error(made.data.error.message);
    expect(made.data.instance.name).toBe('typed');
    const listed = await ponte.listInstances({ instanceName: 'typed' }, as);
    if (listed.status !== 200) throw new Error(listed.data.error.message);
    expect(listed.data.instances.map(({ name }) => name)).toEqual(['typed']);

    const checked = await ponte.checkChatwoot('typed', setBody(), as);
    expect(checked).toMatchObject({ status: 200, data: { instance: 'typed', ok: true } });
    const active = await ponte.activateChatwoot('typed', setBody(), { idempotencyKey: 'typed-1' }, as);
    if (active.status !== 201) throw new Error(JSON.stringify(active.data));
    expect(active.data.message satisfies 'chatwoot integration activated').toBe('chatwoot integration activated');
    const shown = await ponte.getChatwoot('typed', as);
    if (shown.status !== 200) throw new Error(shown.data.error.message);
    expect(shown.data.instance_name).toBe('typed');
    expect(await ponte.deactivateChatwoot('typed', as)).toMatchObject({ status: 200 });

    const gone = await ponte.deactivateChatwoot('typed', as);
    if (gone.status !== 404) throw new Error(`not told that it is gone: ${gone.status}`);
    // Only the codes that this answer can have are of its type.
    expect(['integration_to_delete_not_found', 'instance_not_found'] satisfies (typeof gone.data.error.code)[]).toContain(
      gone.data.error.code,
    );
    const stranger = await ponte.getChatwoot('typed', { baseUrl: api.url });
    if (stranger.status !== 401) throw new Error(`not refused: ${stranger.status}`);
    expect(stranger.data.error.code).toBe('missing_token');
    // @ts-expect-error -- the types know what a body must have.
    const wrong = await ponte.activateChatwoot('typed', { chatwootAccountId: 5 }, {}, as);
    if (wrong.status !== 400) throw new Error(`not refused: ${wrong.status}`);
    expect(wrong.data.error.message).toMatch(/^invalid body: chatwootBaseUrl: /);
    await worker.stop();
  });

  it('notices what it does not promise', () => {
    const headers = new Headers({ 'x-request-id': 'r', 'content-type': 'application/json' });
    const path = '/api/chatwoot/delete/x';
    expect(contract.faults({ method: 'DELETE', path, status: 200, headers, body: { message: 'done', more: 1 } })).toEqual([
      'body must NOT have additional properties',
      'body/message must be equal to constant',
      'header X-RateLimit-Limit is missing',
      'header X-RateLimit-Remaining is missing',
      'header X-RateLimit-Reset is missing',
    ]);
    expect(contract.faults({ method: 'DELETE', path, status: 418, headers, body: {} })).toContain(
      `DELETE ${path} must not answer 418`,
    );
  });
});

describe('the page with the API reference', () => {
  let harness: Harness;
  let api: RunningApi;
  beforeAll(async () => {
    harness = await createHarness('postgres');
    api = await harness.startApi();
  });
  afterAll(() => harness.stop());

  it('is a page whose scripts, styles and pictures are all files of this server', async () => {
    const page = await call(api.url, 'GET', '/docs');
    expect(page.status).toBe(200);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self'");
    const links = [...String(page.body).matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link]) => link ?? '');
    expect(links.length).toBeGreaterThanOrEqual(6);
    for (const link of links) {
      expect(link).toMatch(/^\//);
      expect((await fetch(`${api.url}${link}`)).status).toBe(200);
    }
    expect(String(page.body)).not.toMatch(/<script>|style=|https?:/);
  });

  it('serves nothing else of the package, and no other file', async () => {
    for (const path of [
      '/docs/package.json',
      '/docs/swagger-ui.js.map',
      '/docs/../package.json',
      '/docs/%2e%2e%2fpackage.json',
    ]) {
      expect((await fetch(`${api.url}${path}`)).status).toBe(404);
    }
  });

  it('is a text for programs as well, with every endpoint', async () => {
    const { status, body, headers } = await call(api.url, 'GET', '/llms.txt');
    expect(status).toBe(200);
    expect(headers.get('content-type')).toMatch(/^text\/plain/);
    for (const { method, path } of operations) expect(body).toContain(`\`${method.toUpperCase()} ${path}\``);
  });
});
