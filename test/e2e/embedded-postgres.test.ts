import { chown, mkdir, readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { directoryWithinReach, findServerUser } from '../../embedded/postgres/server-user.ts';
import { createPlace, isAlive, sql } from '../support/embedded-place.ts';
import { freePort } from '../support/ports.ts';
import { waitFor } from '../support/wait-for.ts';

const report = z.object({ url: z.string(), pid: z.number() });

const isRoot = process.getuid?.() === 0;

// What is rarer: test/long/embedded-postgres.test.ts.

let place: Awaited<ReturnType<typeof createPlace>>;
const stops: (() => Promise<void>)[] = [];
beforeAll(async () => {
  place = await createPlace((stop) => stops.push(stop));
});
afterAll(async () => {
  for (const stop of stops) await stop();
});

describe('an embedded PostgreSQL that runs', () => {
  let server: ReturnType<typeof place.embedded>;
  let url: string;
  let pid: number;
  beforeAll(async () => {
    server = place.embedded();
    ({ url, pid } = await server.start());
  });
  afterAll(() => server.stop());

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

  it('keeps its data and its password from one start to the next', async () => {
    await sql(url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await server.stop();
    expect(isAlive(pid)).toBe(false);

    const again = await server.start();

    expect(again.url).toBe(url);
    expect(await sql(again.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  });
});

// What the one above has left is what these begin with.
describe('the embedded PostgreSQL', () => {
  it.concurrent('takes over from a runner that was killed, whose server still runs', async ({ onTestFinished }) => {
    const { embedded, runner } = await createPlace(onTestFinished, { used: place.dataDir });
    const { process, answer } = await runner();
    const left = report.parse(JSON.parse(answer));
    await sql(left.url, 'CREATE TABLE left_behind AS SELECT 42 AS answer');
    await process.kill9();
    expect(isAlive(left.pid)).toBe(true);

    const { url } = await embedded().start();

    await waitFor(() => !isAlive(left.pid), { describe: 'the old server being gone' });
    expect(await sql(url, 'SELECT answer FROM left_behind')).toEqual([{ answer: 42 }]);
  });

  it.concurrent('leaves the server of a runner that is alive alone', async ({ onTestFinished }) => {
    const { dataDir, embedded, runner } = await createPlace(onTestFinished, { used: place.dataDir });
    const { answer } = await runner();
    const { url } = report.parse(JSON.parse(answer));

    await expect(embedded({ dataDir }, await freePort()).start()).rejects.toMatchObject({ code: 'embedded_postgres_in_use' });

    expect(await sql(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it.concurrent('says which port is taken', async ({ onTestFinished }) => {
    const { port, embedded } = await createPlace(onTestFinished, { used: place.dataDir });
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
