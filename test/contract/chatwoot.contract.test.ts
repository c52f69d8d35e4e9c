import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { chapters } from './chatwoot/cases/all.ts';
import { compareWithSimulator } from './chatwoot/compare.ts';
import { describeReleases } from './chatwoot/describe-release.ts';
import { quickReleases, startSimulated } from './chatwoot/releases.ts';
import { linesOf, summaryOf } from './chatwoot/report.ts';

const asked = new Set<string>();
const only = (...wanted: string[]) => chapters.filter(({ title }) => wanted.includes(title));

describeReleases(quickReleases, asked);

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
