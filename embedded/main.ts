// npm start: all of Ponte on this machine, on the embedded PostgreSQL or on DATABASE_URL / REDIS_URL where those are set.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import closeWithGrace from 'close-with-grace';
import { createAccount } from '../api/accounts/create-account.ts';
import { createDatabase } from '../shared/database/database.ts';
import { PonteError } from '../shared/errors/ponte-error.ts';
import { createLogger } from '../shared/logging/logger.ts';
import { projectRoot } from '../shared/project-root.ts';
import { runSteps } from './runner/run-steps.ts';
import { loadSecrets } from './runner/secrets.ts';
import { readRunnerSettings } from './runner/settings.ts';
import { createStack } from './runner/stack.ts';

if (existsSync('.env')) process.loadEnvFile('.env');
const dataDir = join(projectRoot, '.ponte');
try {
  const { ports, settings } = await readRunnerSettings(process.env);
  const secrets = await loadSecrets(join(dataDir, 'secrets.json'));
  const stack = createStack({
    dataDir,
    ports,
    secrets,
    settings,
    serviceLog: () => ({ kind: 'inherit' }),
    log: createLogger({ service: 'runner', level: 'warn', secrets: Object.values(secrets) }),
  });
  closeWithGrace({ delay: 60_000, logger: false }, async ({ err }) => {
    if (err) console.error(err.message);
    console.log('\nStopping …');
    await stack.stop();
    console.log('Stopped. The data stays in .ponte/.');
  });
  await runSteps(stack.steps);
  await showFirstAccount(stack.databaseUrl());
  console.log(`\nPonte is ready. Open the console and log in with a token: http://localhost:${ports.api}/`);
  console.log('The reference of the API is at /docs; Ctrl-C stops it all.');
  console.log(`Operators: /admin, with ADMIN_USER and ADMIN_PASSWORD (made by Ponte where not set: .ponte/secrets.json)\n`);
  const reason = await stack.failed;
  console.error(`${reason}; stopping the rest`);
  await stack.stop();
  process.exit(1);
} catch (error) {
  if (!(error instanceof PonteError)) throw error;
  console.error(error.message);
  process.exit(1);
}

/** The very first start makes an account: without one there is nothing a new user could call. */
async function showFirstAccount(databaseUrl: string): Promise<void> {
  const database = createDatabase({ url: databaseUrl, poolSize: 1 });
  try {
    if ((await database.prisma.account.count()) > 0) return;
    const { token } = await createAccount(database.prisma, 'default');
    console.log(`\nThis first start made the account "default". Its TokenAccount, shown this once:\n\n  ${token}`);
  } finally {
    await database.stop();
  }
}
