import { freemem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { isBusy } from './test/support/is-busy.ts';
import { SlowestFirst } from './test/support/slowest-first.ts';

/** What a worker and its share of PostgreSQL and of processes that tests start take. */
const WORKER_BYTES = 2 ** 30;

export default defineConfig({
  resolve: {
    alias: {
      '@prisma/client/runtime/query_compiler_fast_bg.postgresql.mjs': fileURLToPath(
        new URL('test/support/shared-query-compiler.js', import.meta.url),
      ),
    },
  },
  test: {
    include: ['test/{unit,contract,e2e}/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    setupFiles: ['test/support/setup.ts'],
    // Ends for what hangs. What has to be quick says so itself; a machine that is busy with other things is no failure.
    testTimeout: 120_000,
    hookTimeout: 180_000,
    pool: 'forks',
    // Whole stacks live in a worker: with V8's usual room for what is new it tidies up all the time.
    execArgv: ['--max-semi-space-size=64'],
    // A worker loads the project once for all its files, not once a file: that was a quarter of the suite's CPU time.
    isolate: false,
    sequence: { sequencer: SlowestFirst },
    // Most of the time a file waits, for times that are promised and for the processes it starts: so three times as many at once as a small
    // machine has cores. Not on one that is busy with other things, nor more than it has memory for.
    maxWorkers: (await isBusy()) ? 2 : Math.min(6, Math.max(2, Math.floor(freemem() / WORKER_BYTES))),
  },
});
