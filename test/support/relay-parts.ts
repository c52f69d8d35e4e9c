import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { createBridge } from '../../bridge/bridge.ts';
import { BRIDGE_TIMEOUTS, type BridgeTimeouts } from '../../bridge/timeouts.ts';
import { readBridgeConfig } from '../../shared/config/config.ts';
import type { BridgeIntegration } from '../../shared/database/generated/client.ts';
import { type ChatwootSimulator, createChatwootSimulator } from '../../simulators/chatwoot/index.ts';
import { BRIDGE_TOKEN, type Harness } from '../contract/api/harness.ts';
import { freePort } from './ports.ts';

export const ACCOUNT = 5;
export const INSTANCE = 'suporte';
/** On a machine that has much else to do. */
export const PATIENCE_MS = 25_000;

export type Message = ReturnType<ChatwootSimulator['state']['messages']>[number];
export type Conversation = ReturnType<ChatwootSimulator['state']['conversations']>[number];
export type Contact = ReturnType<ChatwootSimulator['state']['contacts']>[number];

/** A Chatwoot with one account; of the latest release that is known where none is told. */
export async function startChatwoot(release?: string) {
  const chatwoot = createChatwootSimulator(release === undefined ? {} : { version: release });
  chatwoot.state.addAccount({ id: ACCOUNT, name: 'Orion' });
  const adminToken = chatwoot.state.addUser({ name: 'Ana', accounts: [{ id: ACCOUNT, role: 'administrator' }] });
  const { url } = await chatwoot.start();
  const found = <Row extends { readonly id: number }>(rows: readonly Row[], wanted: number | undefined, what: string): Row => {
    const row = rows.find(({ id }) => id === wanted);
    if (row === undefined) throw new Error(`${what} is gone`);
    return row;
  };
  const conversationOf = (message: Message): Conversation =>
    found(chatwoot.state.conversations(ACCOUNT), message.conversationId, 'the conversation');
  return {
    chatwoot,
    url,
    adminToken,
    conversationOf,
    contactOf: (message: Message): Contact =>
      found(chatwoot.state.contacts(ACCOUNT), conversationOf(message).contactId, 'the contact'),
    /** What a message of WhatsApp became so far. */
    posted: (whatsappId: string): Message[] =>
      chatwoot.state.messages(ACCOUNT).filter(({ sourceId }) => sourceId === `WAID:${whatsappId}`),
    /** Bytes and type of an attachment, downloaded. */
    async file({ attachments }: Message, index = 0): Promise<{ bytes: Buffer; contentType: string }> {
      const attachment = attachments[index];
      if (!attachment) throw new Error('there is no such attachment');
      const path = `/rails/active_storage/blobs/redirect/${attachment.blobKey}/${encodeURIComponent(attachment.filename)}`;
      const response = await fetch(`${chatwoot.url()}${path}`);
      return { bytes: Buffer.from(await response.arrayBuffer()), contentType: attachment.contentType };
    },
  };
}
export type RunningChatwoot = Awaited<ReturnType<typeof startChatwoot>>;

/** A bridge in this process, with `timeouts` in place of those that a test cannot wait for. */
export async function startBridge({ databaseUrl, env }: Harness, timeouts: Partial<BridgeTimeouts>) {
  const log: string[] = [];
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const config = readBridgeConfig({
    BRIDGE_TOKEN,
    BRIDGE_PORT: String(port),
    BRIDGE_DATABASE_URL: databaseUrl,
    BRIDGE_PUBLIC_URL: url,
    ENCRYPTION_KEYS: env.ENCRYPTION_KEYS,
    CHATWOOT_ALLOW_PRIVATE_NETWORK: 'true',
    ENGINE_ALLOW_PRIVATE_NETWORK: 'true',
    LOG_LEVEL: 'debug',
  });
  const logger = pino({ level: 'debug' }, { write: (line: string) => log.push(line) });
  async function start() {
    const next = createBridge({
      config,
      logger,
      timeouts: { ...BRIDGE_TIMEOUTS, relayPauses: { firstMs: 40, maxMs: 300 }, ...timeouts },
    });
    await next.start();
    return next;
  }
  let bridge = await start();
  return {
    url,
    /** Everything it logged. */
    log,
    /** Ends it, and starts another one. */
    async restart(): Promise<void> {
      await bridge.stop();
      bridge = await start();
    },
    stop: () => bridge.stop(),
  };
}

/** What api and worker do for an activation: the bridge's answer, kept. */
export async function activate(parts: {
  readonly harness: Harness;
  readonly bridgeUrl: string;
  readonly apiUrl: string;
  readonly instanceId: string;
  readonly chatwoot: Pick<RunningChatwoot, 'url' | 'adminToken'>;
  readonly flags?: Partial<BridgeIntegration>;
}): Promise<{ readonly integrationId: string; readonly inboxId: number }> {
  const { harness, bridgeUrl, apiUrl, instanceId, chatwoot, flags = {} } = parts;
  const response = await fetch(`${bridgeUrl}/v1/integrations/activate`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${BRIDGE_TOKEN}`,
      'content-type': 'application/json',
      'idempotency-key': `act_${randomBytes(4).toString('hex')}`,
    },
    body: JSON.stringify({
      instance_id: instanceId,
      instance: INSTANCE,
      ryzeapi_url: apiUrl,
      chatwoot_base_url: chatwoot.url,
      chatwoot_account_id: ACCOUNT,
      chatwoot_api_token: chatwoot.adminToken,
      inbox_name: 'WhatsApp',
      sign_messages: false,
      ignore_groups: flags.ignoreGroups ?? false,
      start_as_pending: flags.startAsPending ?? false,
      reopen_resolved: flags.reopenResolved ?? true,
      deadline_at: new Date(Date.now() + 30_000).toISOString(),
    }),
  });
  if (response.status !== 201) throw new Error(`no activation: ${response.status} ${await response.text()}`);
  // The bridge's own answer, whose shape its tests hold.
  const { id, inbox_id: inboxId } = (await response.json()) as { id: string; inbox_id: number };
  await harness.prisma.chatwootIntegration.create({
    data: {
      id: 'cwi_1',
      instanceId,
      bridgeIntegrationId: id,
      chatwootBaseUrl: chatwoot.url,
      chatwootAccountId: ACCOUNT,
      chatwootToken: '',
      chatwootInboxName: 'WhatsApp',
      signMessages: false,
      ignoreGroups: false,
      startAsPending: false,
      reopenResolved: true,
      activationId: 'act_1',
    },
  });
  return { integrationId: id, inboxId };
}
