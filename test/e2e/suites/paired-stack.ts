import { expect } from 'vitest';
import { type ChatwootSimulator, createChatwootSimulator } from '../../../simulators/chatwoot/index.ts';
import { createWhatsappEngineSimulator, type WhatsappEngineSimulator } from '../../../simulators/whatsapp-engine/index.ts';
import type { Stack } from '../../support/stack.ts';

const ENGINE_TOKEN = 'engine-account-token';

/** What Ponte has on both sides: a Chatwoot with one account, and an engine. */
export interface PairedStack {
  readonly chatwoot: ChatwootSimulator;
  readonly engine: WhatsappEngineSimulator;
  readonly account: number;
  stack(): Stack;
  /** Makes an instance that the engine has, and activates it; resolves with the token of its account. */
  activate(
    instance: string,
    settings: { reopenResolved?: boolean; signMessages?: boolean; mediaBase64?: boolean },
  ): Promise<string>;
  start(startStack: (env: Record<string, string>) => Promise<Stack>): Promise<void>;
  stop(): Promise<void>;
}

export function createPairedStack(): PairedStack {
  const account = 5;
  const chatwoot = createChatwootSimulator();
  chatwoot.state.addAccount({ id: account, name: 'Orion' });
  const adminToken = chatwoot.state.addUser({ name: 'Ana', accounts: [{ id: account, role: 'administrator' }] });
  const engine = createWhatsappEngineSimulator({ token: ENGINE_TOKEN, retries: { delaysMs: [100, 200, 400] } });
  let started: Stack | undefined;
  const stack = (): Stack => {
    if (started === undefined) throw new Error('not started');
    return started;
  };
  return {
    chatwoot,
    engine,
    account,
    stack,
    async activate(instance, { mediaBase64 = false, ...flags }) {
      const { token } = await stack().createAccount();
      const { body } = await stack().request({ path: '/api/instance/new', token, body: { name: instance } });
      // What the documentation says of the answer is held elsewhere.
      const { instance: made } = body as { instance: { token: string } };
      const ingestUrl = `${stack().apis[0]?.url}/api/events/ingest/${instance}`;
      engine.state.addInstance({ name: instance, token: made.token, ingestUrl, settings: { mediaBase64 } });
      const { status } = await stack().request({
        path: `/api/chatwoot/set/${instance}`,
        token,
        body: {
          chatwootBaseUrl: chatwoot.url(),
          chatwootAccountId: account,
          chatwootApiToken: adminToken,
          inboxName: 'WhatsApp - Orion',
          ...flags,
        },
      });
      expect(status).toBe(201);
      return token;
    },
    async start(startStack) {
      const [, { url }] = await Promise.all([chatwoot.start(), engine.start()]);
      started = await startStack({ ENGINE_URL: url, ENGINE_TOKEN });
    },
    async stop() {
      chatwoot.faults.clear();
      engine.faults.clear();
      await started?.stop();
      await Promise.all([chatwoot.stop(), engine.stop()]);
    },
  };
}
