import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Each end-to-end file starts real processes of its own: more files at once than cores only makes them wait for each other.
    maxWorkers: 2,
  },
});
