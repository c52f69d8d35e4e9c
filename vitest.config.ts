import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    setupFiles: ['test/support/setup.ts'],
    testTimeout: 120_000,
    hookTimeout: 180_000,
    pool: 'forks',
    // A worker loads the project once for all its files, not once a file: that was a quarter of the suite's CPU time.
    isolate: false,
    // Most of the time is waiting: for locks to expire, for what must not happen.
    maxWorkers: 3,
  },
});
