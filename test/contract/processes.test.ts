import { expect, it } from 'vitest';
import { spawnProcess } from '../support/process.ts';
import { startProcess } from '../support/processes.ts';
import { waitFor } from '../support/wait-for.ts';

const node = (script: string) => ({ command: process.execPath, args: ['-e', script] });

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

it('a process is ready when it says so, and hands over what it wrote and how it ended', async () => {
  const child = await startProcess({
    name: 'child',
    ...node(
      `process.on('SIGTERM', () => { console.error('bye'); process.exit(3); }); console.log('one'); console.log('ready'); setInterval(() => {}, 1000)`,
    ),
    readyWhen: /^ready$/,
  });
  await child.stop();

  expect(await child.exited).toEqual({ code: 3, signal: null });
  expect(child.lines()).toEqual(['one', 'ready', 'bye']);
});

it('a process that ignores SIGTERM is killed in the end', async () => {
  const child = await startProcess({
    name: 'stubborn',
    ...node(`process.on('SIGTERM', () => {}); console.log('ready'); setInterval(() => {}, 1000)`),
    readyWhen: /ready/,
  });

  await child.stop(100);

  expect(await child.exited).toEqual({ code: null, signal: 'SIGKILL' });
});

it('a process that ends before it is ready is an error that shows its log', async () => {
  const starting = startProcess({ name: 'broken', ...node(`console.error('the reason'); process.exit(1)`), readyWhen: /ready/ });

  await expect(starting).rejects.toThrow(/broken ended before it was ready[\s\S]*the reason/);
});

it('nothing of our environment reaches a process but what it needs to run', async () => {
  process.env.PONTE_TEST_LEAK = 'leaked';
  const child = await startProcess({
    name: 'env',
    ...node('console.log(JSON.stringify(process.env)); setInterval(() => {}, 1000)'),
    readyWhen: /PATH/,
  });

  expect(child.lines().join('')).not.toContain('leaked');
});

it('a process is killed when the one that started it dies without a word', async () => {
  const parent = await startProcess({
    name: 'parent',
    entry: 'test/support/process-parent.ts',
    readyWhen: /^child \d+$/,
  });
  const childPid = Number(
    parent
      .lines()
      .join('\n')
      .match(/^child (\d+)$/m)?.[1],
  );
  expect(isAlive(childPid)).toBe(true);

  await parent.kill9();

  await waitFor(() => !isAlive(childPid), { describe: 'the child being gone' });
});

it('what was started is known before it is ready, so that it can be killed in any case', async () => {
  const known: number[] = [];
  const starting = spawnProcess(
    { name: 'slow', ...node('setInterval(() => {}, 1000)'), readyWhen: /never/, readyTimeoutMs: 300 },
    (child) => {
      known.push(child.pid);
    },
  );

  await expect(starting).rejects.toThrow('slow is not ready after 300 ms');

  expect(known).toHaveLength(1);
  for (const pid of known) process.kill(pid, 'SIGKILL');
});
