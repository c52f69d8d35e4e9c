import { Command } from 'commander';
import { readKeysConfig } from '../shared/config/config.ts';
import { createDatabase, type Database } from '../shared/database/database.ts';
import { createKeyring } from '../shared/encryption/keyring.ts';
import { makePassword, makeSecrets } from '../shared/encryption/make-secrets.ts';
import { countByKey, keysThatDoNotFit, rotateSecrets } from '../shared/encryption/rotation.ts';
import { apiSecrets, bridgeSecrets, type SecretColumn } from '../shared/encryption/secret-columns.ts';

const STATEMENT_TIMEOUT_MS = 60_000;

type Config = ReturnType<typeof readKeysConfig>;

/** Ponte's tables, and those of the bridge wherever they are. */
async function eachDatabase(
  config: Config,
  run: (database: Database, columns: readonly SecretColumn[]) => Promise<void>,
): Promise<void> {
  const parts = [
    { url: config.DATABASE_URL, columns: apiSecrets },
    { url: config.BRIDGE_DATABASE_URL ?? config.DATABASE_URL, columns: bridgeSecrets },
  ];
  for (const { url, columns } of parts) {
    const database = createDatabase({ url, poolSize: 1, queryTimeoutMs: STATEMENT_TIMEOUT_MS });
    try {
      await database.assertReady();
      await run(database, columns);
    } finally {
      await database.stop();
    }
  }
}

async function status(): Promise<void> {
  const config = readKeysConfig(process.env);
  const held = new Set(config.ENCRYPTION_KEYS.map(({ id }) => id));
  const [current] = config.ENCRYPTION_KEYS;
  console.log(`ENCRYPTION_KEYS holds ${[...held].join(', ')}; "${current.id}" encrypts.`);
  const totals = new Map<string, number>();
  const keyring = createKeyring(config.ENCRYPTION_KEYS);
  let isWrong = false;
  await eachDatabase(config, async ({ pool }, columns) => {
    const wrong = await keysThatDoNotFit(pool, keyring, columns);
    for (const { table, column, keyId, count } of await countByKey(pool, columns)) {
      totals.set(keyId, (totals.get(keyId) ?? 0) + count);
      const fault = !held.has(keyId)
        ? 'ENCRYPTION_KEYS lacks this key'
        : wrong.has(keyId)
          ? 'this is another key of the same name'
          : '';
      isWrong ||= fault !== '';
      console.log(`  ${table}.${column}: ${count} under "${keyId}"${fault === '' ? '' : `  <- ${fault}`}`);
    }
  });
  if (isWrong) {
    console.log('What is marked cannot be read with these keys: put the key that wrote it back into ENCRYPTION_KEYS.');
    process.exitCode = 1;
    return;
  }
  const due = [...totals].filter(([keyId]) => keyId !== current.id).reduce((sum, [, count]) => sum + count, 0);
  console.log(due === 0 ? `Every secret is under "${current.id}".` : `${due} are under another key: ponte keys rotate`);
}

async function rotate(): Promise<void> {
  const config = readKeysConfig(process.env);
  const keyring = createKeyring(config.ENCRYPTION_KEYS);
  let total = 0;
  let left = 0;
  await eachDatabase(config, async ({ pool }, columns) => {
    const result = await rotateSecrets({
      pool,
      keyring,
      columns,
      onProgress: ({ table, column }, done) => console.log(`  ${table}.${column}: ${done}`),
    });
    total += result.reencrypted;
    left += result.left;
    for (const { table, column, id, reason } of result.unreadable) console.error(`  ${table}.${column} of ${id}: ${reason}`);
  });
  console.log(`${total} secrets were put under "${config.ENCRYPTION_KEYS[0].id}".`);
  if (left === 0) return console.log('None is left under another key: the others may be taken out of ENCRYPTION_KEYS now.');
  console.error(`${left} are still under another key: do not take any key out of ENCRYPTION_KEYS.`);
  process.exitCode = 1;
}

/** What `.env.example` asks for, made up: every value may stand in a URL, in a shell and in a compose file as it is. */
function make(): void {
  for (const [name, value] of Object.entries({ POSTGRES_PASSWORD: makePassword(), ...makeSecrets() }))
    console.log(`${name}=${value}`);
}

/** `ponte keys …` */
export function createKeysCommand(): Command {
  const command = new Command('keys');
  command.command('make').description('prints new secrets as lines for .env; stores nothing').action(make);
  command.command('status').description('counts the stored secrets by key').action(status);
  command.command('rotate').description('puts every stored secret under the first key, while everything runs').action(rotate);
  return command;
}
