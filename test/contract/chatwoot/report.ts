import type { Verdict } from './compare.ts';

const marks = { holds: '✓', broken: '✗', 'not checked': '–' } as const;

/** One case as lines for people. */
export function linesOf({ chapter, name, outcome, differences }: Verdict): string[] {
  const mark = outcome.kind === 'holds' && differences.length > 0 ? '≠' : marks[outcome.kind];
  const reason = outcome.kind === 'holds' ? [] : [`    ${outcome.kind}: ${outcome.reason.replaceAll('\n', '\n    ')}`];
  return [`${mark} ${chapter}: ${name}`, ...reason, ...differences.map((line) => `    ≠ ${line}`)];
}

/** The last line of a run, and whether it is a success: nothing broken and nothing different. */
export function summaryOf(verdicts: readonly Verdict[]): { text: string; isSuccess: boolean } {
  const count = (kind: Verdict['outcome']['kind']) => verdicts.filter(({ outcome }) => outcome.kind === kind).length;
  const different = verdicts.filter(({ differences }) => differences.length > 0).length;
  const unchecked = count('not checked');
  return {
    text:
      `${count('holds')} of ${verdicts.length} guarantees hold, ${count('broken')} are broken, ${unchecked} not checked; ` +
      `${different} answered otherwise than the simulator`,
    isSuccess: count('broken') === 0 && different === 0,
  };
}
