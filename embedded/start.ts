import { createAccount } from '../api/accounts/create-account.ts';
import { closeOnSignal } from '../shared/close-on-signal.ts';
import { createDatabase } from '../shared/database/database.ts';
import { createLogger } from '../shared/logging/logger.ts';
import { version } from '../shared/version.ts';
import { ponteDir, secretsFile } from './data.ts';
import { runSteps } from './runner/run-steps.ts';
import { loadSecrets } from './runner/secrets.ts';
import { readRunnerSettings } from './runner/settings.ts';
import { createStack } from './runner/stack.ts';

/** `ponte start`: all of Ponte on this machine, on the embedded PostgreSQL or on DATABASE_URL / REDIS_URL where those are set. */
export async function start(): Promise<void> {
  const { ports, settings } = await readRunnerSettings(process.env);
  const secrets = await loadSecrets(secretsFile);
  const stack = createStack({
    dataDir: ponteDir,
    ports,
    secrets,
    settings,
    serviceLog: () => ({ kind: 'inherit' }),
    log: createLogger({ service: 'runner', level: 'warn', secrets: Object.values(secrets) }),
  });
  closeOnSignal({ delayMs: 60_000 }, async ({ err }) => {
    if (err) console.error(err.message);
    console.log('\nStopping …');
    await stack.stop();
    console.log('Stopped. The data stays in .ponte/.');
  });
  console.log(`Ponte ${version}`);
  try {
    const running = runSteps(stack.steps);
    const [firstToken] = await Promise.all([stack.migrated.then((url) => makeFirstAccount(url, running)), running]);
    if (firstToken !== undefined) {
      console.log(`\nThis first start made the account "default". Its TokenAccount, shown this once:\n\n  ${firstToken}`);
    }
  } catch (error) {
    await stack.stop();
    throw error;
  }
  console.log(`\nPonte is ready. Open the console and log in with a token: http://localhost:${ports.api}/`);
  console.log('The reference of the API is at /docs; Ctrl-C stops it all. A lost token: npx ponte token renew default');
  console.log(`Operators: /admin, with ADMIN_USER and ADMIN_PASSWORD (made by Ponte where not set: .ponte/secrets.json)\n`);
  const reason = await stack.failed;
  console.error(`${reason}; stopping the rest`);
  await stack.stop();
  process.exit(1);
}

/**
 * The very first start makes an account, and this answers its token: without one there is nothing a new user could call. It is made once all is
 * `running`, or a start that fails would keep the token to itself.
 */
async function makeFirstAccount(databaseUrl: string, running: Promise<void>): Promise<string | undefined> {
  const database = createDatabase({ url: databaseUrl, poolSize: 1 });
  try {
    if ((await database.prisma.account.count()) > 0) return undefined;
    await running;
    return (await createAccount(database.prisma, 'default')).token;
  } finally {
    await database.stop();
  }
}
