import { Command, InvalidArgumentError } from 'commander';
import { readDatabaseConfig } from '../../shared/config/config.ts';
import { createDatabase, type PrismaClient } from '../../shared/database/database.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import type { TokenOwner } from '../auth/queries/replace-token.ts';
import { LONGEST_OVERLAP_SECONDS, OVERLAP_SECONDS, renewToken, revokeToken } from '../auth/renewal.ts';
import { createAccount } from './create-account.ts';

const print = (line: string): void => void process.stdout.write(`${line}\n`);

async function withDatabase(run: (prisma: PrismaClient) => Promise<void>): Promise<void> {
  const database = createDatabase({ url: readDatabaseConfig(process.env).DATABASE_URL, poolSize: 1 });
  try {
    await database.assertReady();
    await run(database.prisma);
  } finally {
    await database.stop();
  }
}

async function create(prisma: PrismaClient, name: string): Promise<void> {
  const { id, token } = await createAccount(prisma, name);
  print(`Account ${name} (${id}). Its TokenAccount, shown this once:\n\n  ${token}\n`);
}

/** The account, or one of its instances where a name of one is given. */
async function ownerOf(prisma: PrismaClient, name: string, instanceName?: string): Promise<TokenOwner> {
  const account = await prisma.account.findUnique({ where: { name }, select: { id: true } });
  if (!account) throw new PonteError('account_not_found');
  if (instanceName === undefined) return { kind: 'account', id: account.id };
  const where = { accountId_name: { accountId: account.id, name: instanceName } };
  const instance = await prisma.instance.findUnique({ where, select: { id: true } });
  if (!instance) throw new PonteError('instance_not_found');
  return { kind: 'instance', id: instance.id };
}

async function renew(prisma: PrismaClient, name: string, instance: string | undefined, overlapSeconds: number): Promise<void> {
  const { token, previousEndsAt } = await renewToken(prisma, await ownerOf(prisma, name, instance), { overlapSeconds });
  const before = previousEndsAt === null ? 'The old one has ended' : `The old one ends at ${previousEndsAt.toISOString()}`;
  print(`The new token of ${instance ?? name}, shown this once:\n\n  ${token}\n\n${before}.`);
}

async function revoke(prisma: PrismaClient, name: string, instance: string | undefined): Promise<void> {
  await revokeToken(prisma, await ownerOf(prisma, name, instance));
  print(`No token of ${instance ?? name} is valid any more. A new one: ponte token renew ${name} ${instance ?? ''}`.trimEnd());
}

const tokenState = ({ tokenRevokedAt, previousTokenEndsAt }: TokenDates): string => {
  if (tokenRevokedAt !== null) return `token revoked ${tokenRevokedAt.toISOString()}`;
  const isOverlapping = previousTokenEndsAt !== null && previousTokenEndsAt > new Date();
  return isOverlapping ? `token renewed, the old one ends ${previousTokenEndsAt.toISOString()}` : 'token valid';
};
interface TokenDates {
  readonly tokenRevokedAt: Date | null;
  readonly previousTokenEndsAt: Date | null;
}

async function listInstances(prisma: PrismaClient, name: string): Promise<void> {
  const { id: accountId } = await ownerOf(prisma, name);
  const instances = await prisma.instance.findMany({ where: { accountId }, orderBy: { createdAt: 'asc' } });
  if (instances.length === 0) print('No instance yet.');
  for (const instance of instances) {
    print(`${instance.id}  ${instance.createdAt.toISOString()}  ${instance.name}  ${tokenState(instance)}`);
  }
}

async function list(prisma: PrismaClient): Promise<void> {
  const accounts = await prisma.account.findMany({
    orderBy: { createdAt: 'asc' },
    include: { _count: { select: { instances: true } } },
  });
  if (accounts.length === 0) print('No account yet: ponte account create NAME');
  for (const account of accounts) {
    const { id, name, createdAt, _count } = account;
    print(`${id}  ${createdAt.toISOString()}  ${_count.instances} instances  ${name}  ${tokenState(account)}`);
  }
}

function overlap(text: string): number {
  const seconds = Number(text);
  if (Number.isInteger(seconds) && seconds >= 0 && seconds <= LONGEST_OVERLAP_SECONDS) return seconds;
  throw new InvalidArgumentError(`must be a whole number from 0 to ${LONGEST_OVERLAP_SECONDS}`);
}

/** `ponte account …` */
export function createAccountCommand(): Command {
  const command = new Command('account');
  command
    .command('create')
    .argument('<name>', 'name of the account, unique')
    .description('makes an account and prints its TokenAccount once')
    .action((name: string) => withDatabase((prisma) => create(prisma, name)));
  command
    .command('list')
    .argument('[name]', 'of an account')
    .description('prints the accounts, or the instances of one')
    .action((name?: string) => withDatabase((prisma) => (name === undefined ? list(prisma) : listInstances(prisma, name))));
  return command;
}

/** `ponte token …` */
export function createTokenCommand(): Command {
  const command = new Command('token');
  command
    .command('renew')
    .argument('<account>', 'name of the account')
    .argument('[instance]', 'of the account: then it is the instance’s token that is renewed')
    .option('--overlap-seconds <number>', 'how long the old token stays valid; 0 ends it at once', overlap, OVERLAP_SECONDS)
    .description('makes a new token and prints it once; for a lost one as well')
    .action((name: string, instance: string | undefined, { overlapSeconds }: { overlapSeconds: number }) =>
      withDatabase((prisma) => renew(prisma, name, instance, overlapSeconds)),
    );
  command
    .command('revoke')
    .argument('<account>', 'name of the account')
    .argument('[instance]', 'of the account')
    .description('ends every token of an account, or of an instance, at once')
    .action((name: string, instance: string | undefined) => withDatabase((prisma) => revoke(prisma, name, instance)));
  return command;
}
