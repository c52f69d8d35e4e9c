import type { Observation } from './case.ts';
import { differences } from './normalise.ts';
import { startSimulated } from './releases.ts';
import { type Result, runSuite, type SuiteOptions } from './suite.ts';
import type { Target } from './target.ts';

export interface Verdict extends Result {
  /** What this Chatwoot answers otherwise than the simulator of its release, a line a place. */
  readonly differences: readonly string[];
}

function compareObservations(here: readonly Observation[], simulated: readonly Observation[]): string[] {
  return here.flatMap(({ label, value }, index) => {
    const other = simulated[index];
    if (other?.label !== label) return [`${label}: the simulator was not asked this`];
    return differences(value, other.value).map((line) => `${label}: ${line}`);
  });
}

/**
 * Holds a running Chatwoot and the simulator of its release to the same cases, and compares what they answered. `told` hears of each case of the
 * running one as it ends.
 */
export async function compareWithSimulator(
  target: Target,
  { told, ...options }: Omit<SuiteOptions, 'told'> & { told?: (verdict: Verdict) => void } = {},
): Promise<{ verdicts: Verdict[]; left: string[] }> {
  const { simulator, target: simulated } = await startSimulated(target.version);
  const expected = await runSuite(simulated, { held: options.held }).finally(() => simulator.stop());
  const observationsOf = new Map(expected.results.map(({ name, observations }) => [name, observations]));
  const verdicts: Verdict[] = [];
  const { left } = await runSuite(target, {
    ...options,
    told(result) {
      const lines = compareObservations(result.observations, observationsOf.get(result.name) ?? []);
      const verdict = { ...result, differences: lines };
      verdicts.push(verdict);
      told?.(verdict);
    },
  });
  return { verdicts, left };
}
