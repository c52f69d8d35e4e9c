import { defineConfig } from 'vitest/config';
import suite from './vitest.config.ts';

/** Walks that take too long for every change, and the faults without the soaks: `npm run test:long`. One file at a time, since some of these measure. */
export default defineConfig({
  ...suite,
  test: { ...suite.test, include: ['test/{long,faults}/**/*.test.ts'], exclude: ['test/faults/soak.test.ts'], maxWorkers: 1 },
});
