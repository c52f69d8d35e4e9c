import { chmod, chown, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import pg from 'pg';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createEmbeddedPostgres, type EmbeddedPostgres } from '../../embedded/postgres/embedded-postgres.ts';
import { directoryWithinReach, findServerUser } from '../../embedded/postgres/server-user.ts';
import { freePort } from '../support/ports.ts';
import type { RunningProcess } from '../support/process.ts';
import { startProcess } from '../support/processes.ts';
import { waitFor } from '../support/wait-for.ts';

const silent = pino({ level: 'silent' });
const report = z.object({ url: z.string(), pid: z.number() });

/** What a first start leaves, for tests of a later one: to make a cluster takes as long as all that they are about. */
let usedDataDir = '';

/**
 * A directory and a port of a test's own, and what it starts there; all is gone when the test has ended. With `used` a server has run on
 * its data before.
 */
async function createPlace(onTestFinished: (stop: () => Promise<void>) => void, { used = false } = {}) {
  const home = await mkdtemp(join(tmpdir(), 'ponte-embedded-'));
  await chmod(home, 0o755);
  const dataDir = join(home, 'postgres');
  if (used) await execa('cp', ['-a', usedDataDir, dataDir]);
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

async function sql(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const isRoot = process.getuid?.() === 0;

describe('an embedded PostgreSQL that runs', () => {
  let place: Awaited<ReturnType<typeof createPlace>>;
  let url: string;
  let pid: number;
  const stops: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    place = await createPlace((stop) => stops.push(stop));
    ({ url, pid } = await place.embedded().start());
  });
  afterAll(async () => {
    for (const stop of stops) await stop();
  });

  it('asks for its password, keeps that from other users, and listens on this machine only', async () => {
    const wrong = new URL(url);
    wrong.password = 'guessed';

    await expect(sql(wrong.href, 'SELECT 1')).rejects.toThrow('password authentication failed');
    expect(await sql(url, 'SHOW listen_addresses')).toEqual([{ listen_addresses: '127.0.0.1' }]);
    expect((await stat(join(place.dataDir, 'password'))).mode & 0o777).toBe(0o600);
    expect((await stat(place.dataDir)).mode & 0o777).toBe(0o700);
  });

  it('does not write the values of a failed statement to its log', async () => {
    await sql(url, 'CREATE TABLE secrets (value text PRIMARY KEY)');
    await sql(url, `INSERT INTO secrets VALUES ('the-marker')`);
    await expect(sql(url, `INSERT INTO secrets VALUES ('the-marker')`)).rejects.toThrow('duplicate key');

    const log = await readFile(join(place.dataDir, 'postgres.log'), 'utf8');

    expect(log).toContain('duplicate key');
    expect(log).not.toContain('the-marker');
  });

  it('outlives Ctrl-C in the terminal, which goes to the whole process group', async () => {
    const group = Number((await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.split(' ')[2]);

    expect(group).toBe(pid);
    expect(await sql(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it.runIf(isRoot)('runs as the user postgres', async () => {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');

    expect(status).toContain(`Uid:\t${(await findServerUser())?.uid}\t`);
  });
});

describe('the embedded PostgreSQL', () => {
  const stops: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    const place = await createPlace((stop) => stops.push(stop));
    const server = place.embedded();
    await server.start();
    await server.stop();
    usedDataDir = place.dataDir;
  });
  afterAll(async () => {
    for (const stop of stops) await stop();
  });

  it.concurrent('keeps its data and its password from one start to the next', async ({ onTestFinished }) => {
    const { embedded } = await createPlace(onTestFinished);
    const server = embedded();
    const first = await server.start();
    await sql(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await server.stop();
    expect(isAlive(first.pid)).toBe(false);

    const second = await embedded().start();

    expect(second.url).toBe(first.url);
    expect(await sql(second.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  });

  it.concurrent('takes over from a runner that was killed, whose server still runs', async ({ onTestFinished }) => {
    const { embedded, runner } = await createPlace(onTestFinished, { used: true });
    const { process, answer } = await runner();
    const left = report.parse(JSON.parse(answer));
    await sql(left.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await process.kill9();
    expect(isAlive(left.pid)).toBe(true);

    const { url } = await embedded().start();

    await waitFor(() => !isAlive(left.pid), { describe: 'the old server being gone' });
    expect(await sql(url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  });

  it.concurrent('starts after both the runner and the server were killed', async ({ onTestFinished }) => {
    const { embedded, runner } = await createPlace(onTestFinished, { used: true });
    const { process, answer } = await runner();
    const left = report.parse(JSON.parse(answer));
    await process.kill9();
    globalThis.process.kill(left.pid, 'SIGKILL');
    await waitFor(() => !isAlive(left.pid));

    const { url } = await embedded().start();

    expect(await sql(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it.concurrent('starts although its pid file names a process that is somebody else’s by now', async ({ onTestFinished }) => {
    const { dataDir, port, embedded } = await createPlace(onTestFinished, { used: true });
    await writeFile(join(dataDir, 'data', 'postmaster.pid'), `${process.pid}\n${join(dataDir, 'data')}\n0\n${port}\n`);

    const { url } = await embedded().start();

    expect(await sql(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it.concurrent('leaves the server of a runner that is alive alone', async ({ onTestFinished }) => {
    const { dataDir, embedded, runner } = await createPlace(onTestFinished, { used: true });
    const { answer } = await runner();
    const { url } = report.parse(JSON.parse(answer));

    await expect(embedded({ dataDir }, await freePort()).start()).rejects.toMatchObject({ code: 'embedded_postgres_in_use' });

    expect(await sql(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it.concurrent('says which port is taken', async ({ onTestFinished }) => {
    const { port, embedded } = await createPlace(onTestFinished, { used: true });
    const other = createServer().listen(port, '127.0.0.1');
    try {
      await expect(embedded().start()).rejects.toMatchObject({
        code: 'port_in_use',
        message: expect.stringContaining(String(port)),
      });
    } finally {
      other.close();
    }
  });

  it.concurrent('says so when the data is of another major version', async ({ onTestFinished }) => {
    const { dataDir, embedded } = await createPlace(onTestFinished, { used: true });
    await writeFile(join(dataDir, 'data', 'PG_VERSION'), '17\n');

    await expect(embedded().start()).rejects.toMatchObject({ code: 'embedded_postgres_version' });
  });

  it.concurrent('begins anew after an initialisation that was interrupted', async ({ onTestFinished }) => {
    const { dataDir, embedded } = await createPlace(onTestFinished);
    await mkdir(join(dataDir, 'data.new'), { recursive: true });
    await writeFile(join(dataDir, 'data.new', 'PG_VERSION'), '18\n');

    const { url } = await embedded().start();

    expect(await sql(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it.concurrent('leaves nothing behind when it is ephemeral', async ({ onTestFinished }) => {
    const { embedded } = await createPlace(onTestFinished);
    const server = embedded({ ephemeral: true });
    const { url, pid } = await server.start();
    const [row] = await sql(url, 'SHOW data_directory');
    await server.stop();

    expect(isAlive(pid)).toBe(false);
    await expect(stat(String(row?.data_directory))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe.runIf(isRoot)('as root', () => {
  it('keeps the data elsewhere when the project is where that user cannot go', async ({ onTestFinished }) => {
    const { home } = await createPlace(onTestFinished);
    const user = await findServerUser();
    const closed = join(home, 'private');
    await mkdir(closed, { mode: 0o700 });

    expect(await directoryWithinReach(user, join(home, 'open'))).toBe(join(home, 'open'));
    expect(await directoryWithinReach(user, join(closed, 'project', 'postgres'))).toMatch(
      /^\/var\/lib\/ponte\/postgres-[0-9a-f]{8}$/,
    );
    if (user) await chown(closed, user.uid, user.gid);
    expect(await directoryWithinReach(user, join(closed, 'project'))).toBe(join(closed, 'project'));
  });
});
