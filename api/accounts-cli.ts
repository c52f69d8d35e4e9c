// npm run account -- create NAME | list
import { existsSync } from 'node:fs';
import { Command } from 'commander';
import { readDatabaseConfig } from '../shared/config/config.ts';
import { createDatabase, type PrismaClient, uniqueViolation } from '../shared/database/database.ts';
import { PonteError } from '../shared/errors/ponte-error.ts';
import { createAccount } from './accounts/create-account.ts';

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
  const { id, token } = await createAccount(prisma, name).catch((error: unknown) => {
    throw uniqueViolation(error) === undefined ? error : new PonteError('account_name_taken', { name });
  });
  print(`Account ${name} (${id}). Its TokenAccount, shown this once:\n\n  ${token}\n`);
}

async function list(prisma: PrismaClient): Promise<void> {
  const accounts = await prisma.account.findMany({
    orderBy: { createdAt: 'asc' },
    include: { _count: { select: { instances: true } } },
  });
  if (accounts.length === 0) print('No account yet: npm run account -- create NAME');
  for (const { id, name, createdAt, _count } of accounts) {
    print(`${id}  ${createdAt.toISOString()}  ${_count.instances} instances  ${name}`);
  }
}

if (existsSync('.env')) process.loadEnvFile('.env');
const program = new Command('account').description('Accounts of Ponte. Needs DATABASE_URL.');
program
  .command('create')
  .argument('<name>', 'name of the account, unique')
  .description('makes an account and prints its TokenAccount once')
  .action((name: string) => withDatabase((prisma) => create(prisma, name)));
program
  .command('list')
  .description('prints the accounts')
  .action(() => withDatabase(list));
try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof PonteError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
