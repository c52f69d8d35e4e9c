import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { projectRoot } from '../../shared/project-root.ts';
import { createTestDatabase } from '../support/database.ts';
import { freePort } from '../support/ports.ts';
import { startProcess } from '../support/processes.ts';
import { waitFor } from '../support/wait-for.ts';

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe('what npm has started', () => {
  let database: Awaited<ReturnType<typeof createTestDatabase>>;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  /** `npm run api`, as a supervisor runs it: npm is all that it knows. */
  async function startByNpm() {
    const npm = await startProcess({
      name: 'npm',
      command: 'npm',
      args: ['run', 'api', '--prefix', projectRoot],
      env: {
        PORT: String(await freePort()),
        DATABASE_URL: database.url,
        ENCRYPTION_KEYS: `k1:${Buffer.alloc(32, 1).toString('base64')}`,
      },
      readyWhen: /"msg":"the api is listening"/,
    });
    const line = await npm.waitForLine(/"msg":"the api is listening"/);
    return { npm, pid: z.object({ pid: z.number() }).parse(JSON.parse(line)).pid };
  }

  it('ends cleanly at SIGTERM to npm', async () => {
    const { npm, pid } = await startByNpm();
    npm.signal('SIGTERM');
    await npm.waitForLine(/"msg":"api has stopped"/);
    await waitFor(() => !isRunning(pid));
    await npm.exited;
  });

  it('ends cleanly when npm is killed outright', async () => {
    const { npm, pid } = await startByNpm();
    expect(isRunning(pid)).toBe(true);
    npm.signal('SIGKILL');
    await npm.waitForLine(/"msg":"api has stopped"/);
    await waitFor(() => !isRunning(pid));
  });
});
