import { defineConfig } from 'vitest/config';
import { AREAS } from './test/mutation/areas.ts';
import suite from './vitest.config.ts';

const area = AREAS[process.env.MUTATED_AREA ?? ''];

/** The tests of one area for `npm run test:mutation`, which runs them once for each change. */
export default defineConfig({
  test: {
    ...suite.test,
    include: [...(area?.tests ?? [])],
    ...(area?.needsServers ? {} : { globalSetup: [], setupFiles: [] }),
    // A change that has a test wait for ever is noticed soon. Alone, none of them takes a second.
    testTimeout: area?.needsServers ? 30_000 : 5_000,
    sequence: {},
    maxWorkers: 1,
  },
});
