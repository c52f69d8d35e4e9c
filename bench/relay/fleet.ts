import type { ChatwootSimulator } from '../../simulators/chatwoot/index.ts';
import type { WhatsappEngineSimulator } from '../../simulators/whatsapp-engine/index.ts';
import { inParallel } from '../../test/support/in-parallel.ts';
import type { Stack } from '../../test/support/stack-processes.ts';

/** One integration of a fleet, with somebody on WhatsApp in each of its chats. */
export interface Member {
  readonly name: string;
  readonly instanceId: string;
  readonly integrationId: string;
  readonly inboxId: number;
  readonly chatwoot: ChatwootSimulator;
  /** Phone numbers. */
  readonly chats: readonly string[];
}

export interface Fleet {
  readonly members: readonly Member[];
  readonly engine: WhatsappEngineSimulator;
  /** TokenAccount of the account that they belong to. */
  readonly token: string;
}

export const ACCOUNT = 5;
const ACTIVATED_AT_A_TIME = 8;

/** A Chatwoot with the account and an administrator in it, started; answers the token. */
export async function openChatwoot(chatwoot: ChatwootSimulator): Promise<string> {
  chatwoot.state.addAccount({ id: ACCOUNT, name: 'Orion' });
  const token = chatwoot.state.addUser({ name: 'Ana', accounts: [{ id: ACCOUNT, role: 'administrator' }] });
  await chatwoot.start();
  return token;
}

/** Where a member belongs, and how many chats it has. */
export interface Place {
  readonly chatwoot: ChatwootSimulator;
  /** Of an administrator there. */
  readonly token: string;
  readonly chats: number;
  /** Where Ponte reaches it, if not at its own address. */
  readonly baseUrl?: string;
}

/** Makes and activates an instance for each of these places through the api, as customers do. */
export async function activateFleet(options: {
  stack: Stack;
  engine: WhatsappEngineSimulator;
  places: readonly Place[];
  /** What they are called, with a number behind it: another one for each fleet. */
  called?: string;
}): Promise<Fleet> {
  const { stack, engine, places, called = 'member' } = options;
  const { token } = await stack.createAccount();
  const api = stack.apis[0];
  if (api === undefined) throw new Error('there is no api');

  async function activate(
    { chatwoot, token: chatwootApiToken, chats: count, baseUrl = chatwoot.url() }: Place,
    index: number,
  ): Promise<Member> {
    const name = `${called}-${index + 1}`;
    const made = await stack.request({ path: '/api/instance/new', token, body: { name } });
    const instanceToken = /pti_\w+/.exec(JSON.stringify(made.body))?.[0];
    if (instanceToken === undefined) throw new Error(`no instance ${name}: ${made.status} ${JSON.stringify(made.body)}`);
    engine.state.addInstance({ name, token: instanceToken, ingestUrl: `${api?.url}/api/events/ingest/${name}` });
    const body = { chatwootBaseUrl: baseUrl, chatwootAccountId: ACCOUNT, chatwootApiToken, inboxName: name };
    const set = await stack.request({ path: `/api/chatwoot/set/${name}`, token, body });
    if (set.status !== 201) throw new Error(`${name} was not activated: ${set.status} ${JSON.stringify(set.body)}`);
    const inboxId = chatwoot.state.inboxes(ACCOUNT).find((inbox) => inbox.name === name)?.id ?? 0;
    const { instanceId, bridgeIntegrationId: integrationId } = await stack.database.prisma.chatwootIntegration.findFirstOrThrow({
      where: { instance: { name } },
    });
    // Brazilian mobile numbers, none twice.
    const chats = Array.from({ length: count }, (_, chat) => `55119${String(10_000_000 + index * 100 + chat)}`);
    return { name, instanceId, integrationId, inboxId, chatwoot, chats };
  }

  return { members: await inParallel(places, ACTIVATED_AT_A_TIME, activate), engine, token };
}
