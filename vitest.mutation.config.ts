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
    maxWorkers: 1,
  },
});
