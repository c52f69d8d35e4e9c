import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChatwootSimulator } from '../../../simulators/chatwoot/index.ts';
import { chapters } from './cases/all.ts';
import { startSimulated } from './releases.ts';
import { simulatedCases } from './simulated.ts';
import { type Outcome, type SuiteRun, startSuite } from './suite.ts';

interface Stage {
  simulator: ChatwootSimulator;
  suite: SuiteRun;
}

const named = <Item extends { name: string }>(items: readonly Item[]): [string, Item][] => items.map((item) => [item.name, item]);
const shown = (outcome: Outcome | undefined) => (outcome && 'reason' in outcome ? outcome.reason : outcome?.kind);

/** Holds the simulator of these releases to everything a Chatwoot is held to. `asked` gets every call that was made. */
export function describeReleases(releases: readonly string[], asked: Set<string> = new Set()): void {
  describe.each(releases)('Chatwoot %s, simulated', (version) => {
    const stage: Partial<Stage> = {};
    beforeAll(async () => {
      const { simulator, target } = await startSimulated(version);
      Object.assign(stage, { simulator, suite: await startSuite(target) });
    });
    afterAll(async () => {
      await stage.suite?.finish();
      await stage.simulator?.stop();
      for (const operation of stage.suite?.operations ?? []) asked.add(operation);
    });

    for (const { title, cases } of chapters) {
      it.each(named(cases))(`${title}: %s`, async (_name, item) => {
        expect(shown((await stage.suite?.check(title, item))?.outcome)).toBe('holds');
      });
    }
    it.each(named(simulatedCases))('trouble: %s', async (_name, item) => {
      if (stage.simulator) expect(shown(await stage.suite?.simulate(stage.simulator, item))).toBe('holds');
    });
  });
}
