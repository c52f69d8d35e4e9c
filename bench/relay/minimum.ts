import type { ChatwootSimulator } from '../../simulators/chatwoot/index.ts';
import { inParallel } from '../../test/support/in-parallel.ts';
import { freePort } from '../../test/support/ports.ts';
import type { Stack, StackProcess } from '../../test/support/stack-processes.ts';
import { startBuilt } from '../built.ts';
import { RELAY_TABLES } from '../minimum/relay-shared.ts';
import { ACCOUNT } from './fleet.ts';

/** Who writes through it: of each instance one chat. */
export interface MinimumMember {
  readonly name: string;
  readonly token: string;
  readonly chats: readonly string[];
}
export interface RelayMinimum {
  readonly front: StackProcess;
  readonly back: StackProcess;
  readonly members: readonly MinimumMember[];
  stop(): Promise<void>;
}

const MADE_AT_A_TIME = 8;

/**
 * The useful minimum of a message's way into Chatwoot: all that cannot be left out, and nothing else. On the same PostgreSQL and the same Chatwoot,
 * with inboxes and conversations of its own, which are there before it starts.
 */
export async function startRelayMinimum(options: {
  stack: Stack;
  databaseUrl: string;
  chatwoot: ChatwootSimulator;
  /** Of an administrator there. */
  token: string;
  instances: number;
}): Promise<RelayMinimum> {
  const { stack, databaseUrl, chatwoot, token, instances } = options;
  const { pool } = stack.database;
  const [frontPort, backPort] = [await freePort(), await freePort()];
  const url = (port: number): string => `http://127.0.0.1:${port}`;

  async function make(path: string, body: Record<string, unknown>): Promise<Record<string, unknown>> {
    const response = await fetch(`${chatwoot.url()}/api/v1/accounts/${ACCOUNT}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'api-access-token': token },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`the simulated Chatwoot answered ${response.status} to ${path}: ${text}`);
    return JSON.parse(text) as Record<string, unknown>;
  }

  async function member(index: number): Promise<MinimumMember> {
    const [name, number] = [`minimum-${index}`, `55119${String(90_000_000 + index)}`];
    const channel = { type: 'api', webhook_url: `${url(backPort)}/webhooks/${name}` };
    const inbox = await make('/inboxes', { name, channel });
    const source_id = `minimum-${index}`;
    const contact = await make('/contacts', { name: `Customer ${index}`, inbox_id: inbox.id, source_id });
    const { id } = (contact.payload as { contact: { id: number } }).contact;
    const conversation = await make('/conversations', { inbox_id: inbox.id, contact_id: id, source_id });
    await pool.query('INSERT INTO minimum.instances VALUES ($1, $2)', [name, `token-${index}`]);
    await pool.query('INSERT INTO minimum.chats VALUES ($1, $2)', [number, conversation.id]);
    return { name, token: `token-${index}`, chats: [number] };
  }

  await pool.query(RELAY_TABLES);
  const members = await inParallel(
    Array.from({ length: instances }, (_, index) => index),
    MADE_AT_A_TIME,
    member,
  );
  const isUp = (port: number) => async () => (await fetch(`${url(port)}/healthz`)).ok;
  const start = async (part: 'front' | 'back', port: number): Promise<StackProcess> => {
    const env = {
      ...{ DATABASE_URL: databaseUrl, PORT: String(port), FRONT_URL: url(frontPort) },
      ...{ CHATWOOT_URL: chatwoot.url(), CHATWOOT_TOKEN: token, ACCOUNT: String(ACCOUNT) },
    };
    const process = await startBuilt({
      ...{ name: `minimum ${part}`, entry: `bench/minimum/relay-${part}.ts`, env, readyWhen: isUp(port) },
    });
    return { url: url(port), port, process };
  };
  const front = await start('front', frontPort);
  const back = await start('back', backPort);
  return {
    ...{ front, back, members },
    stop: async () => void (await Promise.all([front.process.stop(), back.process.stop()])),
  };
}
