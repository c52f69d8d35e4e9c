import { defineConfig } from 'vitest/config';
import suite from './vitest.config.ts';

/** What takes too long for every change: `npm run test:faults`. One file at a time, since some of these measure. */
export default defineConfig({ ...suite, test: { ...suite.test, include: ['test/faults/**/*.test.ts'], maxWorkers: 1 } });
