import { defineConfig } from 'vitest/config';
import { AREAS } from './test/mutation/areas.ts';
import suite from './vitest.config.ts';

const area = AREAS[process.env.MUTATED_AREA ?? ''];

/** The tests of one area for `npm run test:mutation`, which runs them once for each change: so they start neither servers nor processes. */
export default defineConfig({
  ...suite,
  test: {
    ...suite.test,
    include: [...(area?.tests ?? [])],
    globalSetup: [],
    setupFiles: [],
    // Stryker runs them in threads, which take no options of V8.
    execArgv: [],
    // A change that has a test wait for ever is noticed soon. None of them takes long by itself.
    testTimeout: 15_000,
    sequence: {},
    maxWorkers: 1,
  },
});
