import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { projectRoot } from '../../shared/project-root.ts';

const MINUTES = 10;
/** It ends by itself five minutes after its time, whatever it is doing. */
const LIMIT_MS = (MINUTES + 7) * 60_000;

// A seed that once showed something is worth more than another one.
describe.each(['postgres', 'redis'])('under load and one random fault after the other, queue on %s', (engine) => {
  it.each([1, 2, 3])(
    'nothing is lost, doubled or left behind, and everything recovers by itself (seed %i)',
    async (seed) => {
      const options = ['--minutes', String(MINUTES), '--seed', String(seed), '--engine', engine];
      const { all, exitCode } = await execa('node', ['--import', 'tsx', 'bench/soak.ts', ...options], {
        cwd: projectRoot,
        all: true,
        reject: false,
        timeout: LIMIT_MS,
      });
      // Rounds, and the table: what was injected how often, how long it took to recover, and what it cost.
      console.log(all);
      expect(exitCode).toBe(0);
    },
    LIMIT_MS + 10_000,
  );
});
