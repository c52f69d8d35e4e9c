import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { type ChatwootSimulator, createChatwootSimulator } from '../../simulators/chatwoot/index.ts';
import { type ScriptedEvolution, startScriptedEvolution } from '../support/scripted-evolution.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { waitFor } from '../support/wait-for.ts';

const ACCOUNT = 5;
const INSTANCE = 'suporte';

let chatwoot: ChatwootSimulator;
let evolution: ScriptedEvolution;
let stack: Stack;
let token: string;
let adminToken: string;

beforeAll(async () => {
  chatwoot = createChatwootSimulator();
  chatwoot.state.addAccount({ id: ACCOUNT, name: 'Orion' });
  adminToken = chatwoot.state.addUser({ name: 'Ana', accounts: [{ id: ACCOUNT, role: 'administrator' }] });
  await chatwoot.start();
  evolution = await startScriptedEvolution('evolution-apikey');
  stack = await startStack({ engine: 'postgres' });
  token = (await stack.createAccount()).token;
});
afterAll(async () => {
  await stack?.stop();
  await Promise.all([chatwoot?.stop(), evolution?.stop()]);
});

const ask = async (method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown) => {
  const answer = await stack.request({ method, path, token, body });
  return { status: answer.status, body: z.record(z.string(), z.unknown()).parse(answer.body) };
};

it('an engine is named once: from the activation on it delivers to Ponte, and after the deactivation as it did before', async () => {
  const before = { enabled: true, url: 'https://n8n.example/hook', headers: {}, events: ['MESSAGES_UPSERT'] };
  evolution.webhooks.set(INSTANCE, before);
  const engine = { kind: 'evolution', url: evolution.url, token: evolution.apikey };
  expect(await ask('POST', '/api/instance/new', { name: INSTANCE, engine })).toMatchObject({ status: 201 });
  const activated = await ask('POST', `/api/chatwoot/set/${INSTANCE}`, {
    chatwootBaseUrl: chatwoot.url(),
    chatwootAccountId: ACCOUNT,
    chatwootApiToken: adminToken,
  });
  expect(activated).toMatchObject({
    status: 201,
    body: { status: 'active', warnings: [expect.stringContaining('its webhook led to n8n.example')] },
  });

  const webhook = evolution.webhooks.get(INSTANCE);
  expect(webhook?.url).toContain('/api/events/engine/ptd_');
  const delivered = await fetch(webhook?.url ?? '', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...webhook?.headers },
    body: JSON.stringify({
      event: 'messages.upsert',
      instance: INSTANCE,
      data: {
        key: { remoteJid: '5511980000001@s.whatsapp.net', fromMe: false, id: '3A01' },
        pushName: 'Ana',
        message: { conversation: 'Oi' },
        messageTimestamp: 1_771_373_387,
      },
    }),
  });
  expect(delivered.status).toBe(200);
  await waitFor(() => chatwoot.state.messages(ACCOUNT).some(({ content }) => content === 'Oi'), { describe: 'the message' });

  expect(await ask('POST', `/api/chatwoot/verify/${INSTANCE}`)).toMatchObject({
    status: 200,
    body: { ok: true, chatwoot_to_ponte: { ok: true }, engine_to_ponte: { ok: true } },
  });
  expect(await ask('GET', `/api/chatwoot/list/${INSTANCE}`)).toMatchObject({
    body: {
      engine: { kind: 'evolution', webhook: 'set' },
      connection: { state: 'connected' },
      live: { proven_at: expect.any(String) },
    },
  });

  expect((await ask('DELETE', `/api/chatwoot/delete/${INSTANCE}`)).status).toBe(200);
  await waitFor(() => evolution.webhooks.get(INSTANCE)?.url === before.url, { describe: 'the webhook of before' });
  expect(evolution.webhooks.get(INSTANCE)).toMatchObject(before);
});
