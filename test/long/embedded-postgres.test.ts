import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createPlace, isAlive, sql } from '../support/embedded-place.ts';
import { waitFor } from '../support/wait-for.ts';

const report = z.object({ url: z.string(), pid: z.number() });

describe('the embedded PostgreSQL', () => {
  let usedDataDir = '';
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

  it.concurrent('starts after both the runner and the server were killed', async ({ onTestFinished }) => {
    const { embedded, runner } = await createPlace(onTestFinished, { used: usedDataDir });
    const { process, answer } = await runner();
    const left = report.parse(JSON.parse(answer));
    await process.kill9();
    globalThis.process.kill(left.pid, 'SIGKILL');
    await waitFor(() => !isAlive(left.pid));

    const { url } = await embedded().start();

    expect(await sql(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it.concurrent('starts although its pid file names a process that is somebody else’s by now', async ({ onTestFinished }) => {
    const { dataDir, port, embedded } = await createPlace(onTestFinished, { used: usedDataDir });
    await writeFile(join(dataDir, 'data', 'postmaster.pid'), `${process.pid}\n${join(dataDir, 'data')}\n0\n${port}\n`);

    const { url } = await embedded().start();

    expect(await sql(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it.concurrent('says so when the data is of another major version', async ({ onTestFinished }) => {
    const { dataDir, embedded } = await createPlace(onTestFinished, { used: usedDataDir });
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
