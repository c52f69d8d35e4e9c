import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createId } from '../../shared/auth/tokens.ts';
import { inParallel } from '../../test/support/in-parallel.ts';
import type { Stack } from '../../test/support/stack-processes.ts';
import { waitFor } from '../../test/support/wait-for.ts';
import { ACCOUNT } from '../relay/fleet.ts';

interface CrowdMember {
  readonly token: string;
  readonly instance: string;
}

const ARRIVE_TIMEOUT_MS = 120_000;
const CALM_TIMEOUT_MS = 120_000;

/** Instances of so many accounts, all of which will be activated against a Chatwoot that accepts and never answers. */
export async function createCrowd(stack: Stack, size: number, accounts: number): Promise<readonly CrowdMember[]> {
  const owners = await Promise.all(Array.from({ length: accounts }, () => stack.createAccount()));
  const members = Array.from({ length: size }, (_, index) => {
    const owner = owners[index % owners.length];
    if (owner === undefined) throw new Error('a crowd belongs to an account at least');
    return { owner, instance: `loud-${accounts}-${index}` };
  });
  await stack.database.prisma.instance.createMany({
    data: members.map(({ owner, instance }) => {
      const id = createId('ins');
      return { id, accountId: owner.id, name: instance, tokenHash: id };
    }),
  });
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
export async function rush(stack: Stack, crowd: readonly CrowdMember[]): Promise<Rush> {
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
  const answers = inParallel(crowd, crowd.length, async ({ token, instance }) => {
    // One that has no answer within the limit of a client counts as 0.
    const answer = await stack.request({ path: `/api/chatwoot/set/${instance}`, token, body }).catch(() => ({ status: 0 }));
    tally[answer.status] = (tally[answer.status] ?? 0) + 1;
    sayTold();
  });
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
