import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import pg from 'pg';
import { pino } from 'pino';
import { createEmbeddedPostgres, type EmbeddedPostgres } from '../../embedded/postgres/embedded-postgres.ts';
import { freePort } from './ports.ts';
import type { RunningProcess } from './process.ts';
import { startProcess } from './processes.ts';

const silent = pino({ level: 'silent' });
/**
 * A directory and a port of a test's own, and what it starts there; all is gone when the test has ended. `used` is the data of a server that
 * has run before: to make a cluster takes as long as all that a test of a later start is about.
 */
export async function createPlace(onTestFinished: (stop: () => Promise<void>) => void, { used }: { used?: string } = {}) {
  const home = await mkdtemp(join(tmpdir(), 'ponte-embedded-'));
  await chmod(home, 0o755);
  const dataDir = join(home, 'postgres');
  if (used !== undefined) await execa('cp', ['-a', used, dataDir]);
  const port = await freePort();
  const servers: EmbeddedPostgres[] = [];
  const runners: RunningProcess[] = [];
  onTestFinished(async () => {
    // By a signal that lets it stop its server, too.
    for (const process of runners) await process.stop();
    for (const server of servers) await server.stop();
    await rm(home, { recursive: true, force: true });
  });

  function embedded(storage: { dataDir: string } | { ephemeral: true } = { dataDir }, listenOn = port): EmbeddedPostgres {
    const server = createEmbeddedPostgres({ ...storage, port: listenOn, log: silent });
    servers.push(server);
    return server;
  }

  async function runner() {
    const process = await startProcess({
      name: 'runner',
      entry: 'test/support/embedded-postgres-runner.ts',
      args: [dataDir, String(port)],
      readyWhen: /"(ready|failed)":true/,
    });
    runners.push(process);
    return { process, answer: await process.waitForLine(/"(ready|failed)":true/) };
  }

  return { home, dataDir, port, embedded, runner };
}

export async function sql(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
