import { type ChildProcess, fork } from 'node:child_process';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { Stack } from '../../test/support/stack-processes.ts';
import { waitFor } from '../../test/support/wait-for.ts';
import { killWithUs } from '../../test/support/watchdog.ts';
import { addInstances } from '../add-instances.ts';
import { ACCOUNT } from '../relay/fleet.ts';
import { type CrowdOrder, crowdAnswerSchema } from './crowd-client.ts';

type CrowdMember = CrowdOrder['members'][number];

const ARRIVE_TIMEOUT_MS = 120_000;
const CALM_TIMEOUT_MS = 120_000;

/** The process that a crowd's requests come from. */
export function startCrowdClient(): ChildProcess {
  const client = fork(new URL('crowd-client.ts', import.meta.url), { execArgv: ['--import', 'tsx'] });
  if (client.pid !== undefined) killWithUs(client.pid);
  return client;
}

/** Instances of so many accounts, all of which will be activated against a Chatwoot that accepts and never answers. */
export async function createCrowd(stack: Stack, size: number, accounts: number): Promise<readonly CrowdMember[]> {
  const owners = await Promise.all(Array.from({ length: accounts }, () => stack.createAccount()));
  const members = Array.from({ length: size }, (_, index) => {
    const owner = owners[index % owners.length];
    if (owner === undefined) throw new Error('a crowd belongs to an account at least');
    return { owner, instance: `loud-${accounts}-${index}` };
  });
  await addInstances(
    stack,
    members.map(({ owner, instance }) => ({ name: instance, accountId: owner.id })),
  );
  return members.map(({ owner, instance }) => ({ token: owner.token, instance }));
}

/** What a crowd's requests came to, by status. */
export type Tally = Readonly<Record<number, number>>;

export interface Rush {
  /** Resolves when every one of them has been taken, or turned away. */
  readonly arrived: Promise<unknown>;
  /** Resolves with the first answer: from now on they are told. */
  readonly firstTold: Promise<unknown>;
  /** Resolves when all were told, and nothing of them waits any more. */
  readonly over: Promise<Tally>;
}

/** All of a crowd activates at once, against a silent host that nobody has seen before. */
export async function rush(stack: Stack, client: ChildProcess, crowd: readonly CrowdMember[]): Promise<Rush> {
  const { prisma } = stack.database;
  const sockets = new Set<Socket>();
  const silent = createServer((socket) => void sockets.add(socket.on('error', () => {})));
  await new Promise<void>((resolve) => void silent.listen(0, '127.0.0.1', resolve));
  // The address of a TCP server is an object; only pipes have text.
  const chatwootBaseUrl = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const body = { chatwootBaseUrl, chatwootAccountId: ACCOUNT, chatwootApiToken: 'a-token-for-the-benchmark' };
  const settings = { path: ['chatwootBaseUrl'], equals: chatwootBaseUrl };
  const unfinished = () => prisma.activation.count({ where: { state: { in: ['pending', 'running'] }, settings } });

  const tally: Record<number, number> = {};
  /** Who has no row: refused, or without an answer. */
  const turnedAway = (): number => (tally[503] ?? 0) + (tally[0] ?? 0);
  let sayTold: () => void;
  const firstTold = new Promise<void>((resolve) => {
    sayTold = resolve;
  });
  let answered = 0;
  const count = (message: unknown): void => {
    const { status } = crowdAnswerSchema.parse(message);
    tally[status] = (tally[status] ?? 0) + 1;
    answered += 1;
    sayTold();
  };
  client.on('message', count);
  client.send({ url: stack.apis[0]?.url ?? '', members: [...crowd], body } satisfies CrowdOrder);
  const answers = waitFor(() => answered === crowd.length, {
    timeoutMs: ARRIVE_TIMEOUT_MS,
    intervalMs: 250,
    describe: 'the whole crowd having been told',
  }).finally(() => client.off('message', count));
  const arrived = waitFor(async () => (await prisma.activation.count({ where: { settings } })) + turnedAway() >= crowd.length, {
    timeoutMs: ARRIVE_TIMEOUT_MS,
    intervalMs: 500,
    describe: 'the whole crowd having arrived',
  });
  const over = answers
    .then(() =>
      waitFor(async () => (await unfinished()) === 0, {
        timeoutMs: CALM_TIMEOUT_MS,
        intervalMs: 500,
        describe: 'nothing waiting',
      }),
    )
    .finally(() => {
      for (const socket of sockets) socket.destroy();
      silent.close();
    });
  return { arrived, firstTold, over: over.then(() => tally) };
}
