import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { SETTINGS_FOLLOW } from '../../../shared/run-process.ts';
import { bundledProgram } from '../../support/bundled.ts';
import { createTestDatabase } from '../../support/database.ts';
import { freePort } from '../../support/ports.ts';

/** As the one-machine runner loads it, before it has a database for it. */
function loadWorker(): ChildProcess {
  const [command, args] = bundledProgram('worker/main.ts', SETTINGS_FOLLOW);
  const env = { PATH: process.env.PATH, HOME: process.env.HOME };
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

test('a process whose settings follow begins with those that are sent, and ends with its parent', async () => {
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  const child = loadWorker();
  const port = await freePort();
  child.send({
    DATABASE_URL: database.url,
    BRIDGE_URL: 'http://127.0.0.1:9',
    BRIDGE_TOKEN: 'a-bridge-token-of-tests',
    ENCRYPTION_KEYS: `k1:${randomBytes(32).toString('base64')}`,
    WORKER_PORT: String(port),
  });
  const ended = once(child, 'exit').then(() => text(Readable.from(child.stderr ?? [])));
  expect(await Promise.race([once(child, 'message'), ended])).toEqual([{ ready: true }, undefined]);
  expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
  // The channel closes when the parent dies, however it dies.
  child.disconnect();
  expect(await once(child, 'exit')).toEqual([0, null]);
});

test('a process whose settings never come ends with its parent, too', async () => {
  const child = loadWorker();
  child.disconnect();
  expect(await once(child, 'exit')).toEqual([null, 'SIGTERM']);
});
