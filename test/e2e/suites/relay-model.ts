import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startStack } from '../../support/stack.ts';
import { play } from '../relay-model/play.ts';
import { createStage, type Stage } from '../relay-model/stage.ts';
import { planOf } from '../relay-model/steps.ts';
import { verdict } from '../relay-model/verdict.ts';

// RELAY_SEED and RELAY_RUNS look elsewhere and longer; what fails is shown as it happened, or as small as it can be made (RELAY_SHRINK=1).
const seed = Number(process.env.RELAY_SEED ?? 20_261_122);
const shrinks = process.env.RELAY_SHRINK === '1';
const RUN_TIMEOUT_MS = 150_000;

/** Plays what fast-check thinks of, so many times and in plans of so many steps at least, and audits it. */
export function itHoldsWhateverHappens(runs: number, steps: number): void {
  const numRuns = Number(process.env.RELAY_RUNS ?? runs);
  let stage: Stage;

  beforeAll(async () => {
    stage = await createStage(startStack);
  });
  afterAll(() => stage?.stop());

  it(
    `holds each message once, in order and where it belongs, whatever happens to whom (seed ${seed}, ${numRuns} runs)`,
    async () => {
      const property = fc.asyncProperty(planOf(steps, Math.round(steps * 1.5)), async (plan) => {
        const books = await play(stage, plan);
        expect(await verdict(stage, books)).toEqual([]);
      });
      await fc.assert(property, { seed, numRuns, endOnFailure: !shrinks });
    },
    numRuns * RUN_TIMEOUT_MS,
  );
}
