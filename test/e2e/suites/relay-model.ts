import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startStack } from '../../support/stack.ts';
import type { EngineName } from '../relay-model/engines.ts';
import { play } from '../relay-model/play.ts';
import { createStage, type Stage } from '../relay-model/stage.ts';
import { planOf } from '../relay-model/steps.ts';
import { verdict } from '../relay-model/verdict.ts';

// RELAY_SEED and RELAY_RUNS look elsewhere and longer; what fails is shown as it happened, or as small as it can be made (RELAY_SHRINK=1).
const seed = Number(process.env.RELAY_SEED ?? 20_261_122);
const shrinks = process.env.RELAY_SHRINK === '1';
const RUN_TIMEOUT_MS = 400_000;

/** Runs on some engines. */
export interface Runs {
  readonly title: string;
  /** For each integration those that it may be paired in. */
  readonly engines: readonly (readonly EngineName[])[];
  readonly runs: number;
  /** At least; half as many more at most. */
  readonly steps: number;
}

/** Plays what fast-check thinks of, and audits it: all on one stage. */
export function itHoldsWhateverHappens(all: readonly Runs[]): void {
  let stage: Stage;

  beforeAll(async () => {
    stage = await createStage(startStack);
  });
  afterAll(() => stage?.stop());

  it.each(all.map((one) => ({ ...one, runs: Number(process.env.RELAY_RUNS ?? one.runs) })))(
    `holds each message once, in order and where it belongs, whatever happens to whom, on $title (seed ${seed}, $runs runs)`,
    async ({ engines, runs, steps }) => {
      const property = fc.asyncProperty(planOf(engines, steps, Math.round(steps * 1.5)), async (plan) => {
        const books = await play(stage, plan);
        expect(await verdict(stage, books)).toEqual([]);
      });
      await fc.assert(property, { seed, numRuns: runs, endOnFailure: !shrinks });
    },
    Math.max(...all.map(({ runs }) => Number(process.env.RELAY_RUNS ?? runs))) * RUN_TIMEOUT_MS,
  );
}
