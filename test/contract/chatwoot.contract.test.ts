import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChatwootSimulator } from '../../simulators/chatwoot/index.ts';
import { chapters } from './chatwoot/cases/all.ts';
import { compareWithSimulator } from './chatwoot/compare.ts';
import { releases, startSimulated } from './chatwoot/releases.ts';
import { linesOf, summaryOf } from './chatwoot/report.ts';
import { simulatedCases } from './chatwoot/simulated.ts';
import { type Outcome, type SuiteRun, startSuite } from './chatwoot/suite.ts';
import type { Target } from './chatwoot/target.ts';

interface Stage {
  simulator: ChatwootSimulator;
  target: Target;
  suite: SuiteRun;
}

const asked = new Set<string>();
const named = <Item extends { name: string }>(items: readonly Item[]): [string, Item][] => items.map((item) => [item.name, item]);
const shown = (outcome: Outcome | undefined) => (outcome && 'reason' in outcome ? outcome.reason : outcome?.kind);
const only = (...wanted: string[]) => chapters.filter(({ title }) => wanted.includes(title));

describe.each(releases)('Chatwoot %s, simulated', (version) => {
  const stage: Partial<Stage> = {};
  beforeAll(async () => {
    const { simulator, target } = await startSimulated(version);
    Object.assign(stage, { simulator, target, suite: await startSuite(target) });
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

/** What the bridge's clients name in place of a path that is written out. */
const helpers: [name: RegExp, path: string][] = [
  [/^INBOXES_PATH/, '/inboxes'],
  [/^one\(inboxId\)/, '/inboxes/:id'],
  [/^`\$\{all\(id\)\}\/\$\{messageId\}`/, '/conversations/:id/messages/:id'],
  [/^(`\$\{)?all\(id\)/, '/conversations/:id/messages'],
];

/** `POST contacts/:id/contact_inboxes`: every call that is written down in the bridge's Chatwoot clients. */
function callsOfPonte(): string[] {
  const folder = new URL('../../bridge/chatwoot/resources/', import.meta.url);
  const source = readdirSync(folder).map((name) => readFileSync(new URL(name, folder), 'utf8'));
  const calls = source.join('\n').matchAll(/method: '([A-Z]+)',\s*path: (.*)/g);
  return [...calls].map(([, method, written = '']) => {
    const [, quoted] = /^[`'](\/[^`']*)[`']/.exec(written) ?? [];
    const path = quoted ?? helpers.find(([name]) => name.test(written))?.[1] ?? `/unknown: ${written}`;
    // A parameter is a part of its own; what else is put in is a query.
    const [named = ''] = path
      .slice(1)
      .replace(/(?<=\/)\$\{[^}]*\}/g, ':id')
      .split(/[?$]/);
    return `${method} ${named}`;
  });
}

it('every call that Ponte makes is asked', () => {
  const calls = [...callsOfPonte(), 'GET /api/v1/profile'];
  expect(calls.length).toBeGreaterThan(18);
  expect(calls.filter((call) => !asked.has(call))).toEqual([]);
});

describe('a running Chatwoot', () => {
  it('that does as the simulator of its release does passes, and is left as it was', async () => {
    const { simulator, target } = await startSimulated('4.13.0');
    try {
      const held = only('access', 'contacts', 'files', 'webhooks');
      const { verdicts, left } = await compareWithSimulator(target, { held });
      expect(verdicts.flatMap((verdict) => verdict.differences)).toEqual([]);
      expect(summaryOf(verdicts)).toMatchObject({ isSuccess: true });
      expect(left).toEqual([]);
      await expect.poll(() => simulator.state.inboxes()).toEqual([]);
      expect(simulator.state.contacts().map(({ name }) => name)).toEqual([]);
    } finally {
      await simulator.stop();
    }
  });

  it('that answers otherwise fails, and is told where', async () => {
    const { simulator, target } = await startSimulated('4.8.0');
    try {
      // It says it is another release than it is.
      const { verdicts } = await compareWithSimulator({ ...target, version: '4.13.0' }, { held: only('inboxes') });
      expect(summaryOf(verdicts)).toMatchObject({ isSuccess: false });
      const lines = verdicts.flatMap(linesOf).join('\n');
      expect(lines).toContain('✗ inboxes: POST inboxes answers 200 with the inbox, its secret only since 4.13.0');
      expect(lines).toMatch(/≠ POST inboxes: body\.secret: nothing, simulated "<token>"/);
    } finally {
      await simulator.stop();
    }
  });

  it('that reaches no private address has its webhooks shown as not checked, and not as passed', async () => {
    const { simulator, target } = await startSimulated('4.14.0');
    try {
      const { verdicts } = await compareWithSimulator(target, { held: only('webhooks') });
      expect(new Set(verdicts.map(({ outcome }) => outcome.kind))).toEqual(new Set(['not checked']));
      expect(verdicts.flatMap(linesOf).join()).toContain('has no public ip addresses');
    } finally {
      await simulator.stop();
    }
  });
});
