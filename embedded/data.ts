import { access } from 'node:fs/promises';
import { join } from 'node:path';
import getPort from 'get-port';
import { pino } from 'pino';
import { projectRoot } from '../shared/project-root.ts';
import { createEmbeddedPostgres } from './postgres/embedded-postgres.ts';
import { findRunningServer } from './postgres/running-server.ts';
import { loadSecrets } from './runner/secrets.ts';

/** Where `ponte start` keeps everything. */
export const ponteDir = join(projectRoot, '.ponte');
export const secretsFile = join(ponteDir, 'secrets.json');
export const postgresDir = join(ponteDir, 'postgres');

/**
 * For a command beside `ponte start`, or without it: where neither DATABASE_URL nor BRIDGE_DATABASE_URL is given and there is a `.ponte`, sets what
 * it needs in `env` to that installation's. Its PostgreSQL is started where it does not run, and stopped by the function that this resolves with.
 */
export async function useEmbeddedData(env: NodeJS.ProcessEnv): Promise<() => Promise<void>> {
  const isInstalled = await access(secretsFile).then(
    () => true,
    () => false,
  );
  if (env.DATABASE_URL || env.BRIDGE_DATABASE_URL || !isInstalled) return async () => {};
  for (const [name, value] of Object.entries(await loadSecrets(secretsFile))) env[name] ||= value;
  const running = await findRunningServer(postgresDir);
  if (running !== undefined) {
    env.DATABASE_URL = running;
    return async () => {};
  }
  const server = createEmbeddedPostgres({ dataDir: postgresDir, port: await getPort(), log: pino({ level: 'warn' }) });
  env.DATABASE_URL = (await server.start()).url;
  return () => server.stop();
}
