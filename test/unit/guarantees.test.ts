import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { projectRoot } from '../../shared/project-root.ts';

const read = (path: string): Promise<string> => readFile(join(projectRoot, path), 'utf8');

interface Proof {
  readonly file: string;
  readonly title: string;
}

/** Lines such as: - `test/unit/some.test.ts` · what it guarantees */
const proofsOn = (page: string): Proof[] =>
  [...page.matchAll(/^- `(test\/[^`]+)` · (.+)$/gm)].map(([, file = '', title = '']) => ({ file, title }));

/** The parts of a page: what stands under each of its headings. */
const partsOf = (page: string): string[] => page.split(/^## .+$/m).slice(1);

async function isThere({ file, title }: Proof): Promise<boolean> {
  if (!existsSync(join(projectRoot, file))) return false;
  const code = await read(file);
  // Between quotes of any kind, so that the beginning of a title is none.
  return ["'", '"', '`'].some((quote) => code.includes(`${quote}${title}${quote}`));
}

it.each(['docs/guarantees.md', 'docs/guarantees.pt-BR.md'])(
  '%s names only tests that exist, for each promise at least two',
  async (page) => {
    const text = await read(page);
    expect(await missingOf(proofsOn(text))).toEqual([]);
    expect(partsOf(text).length).toBeGreaterThan(8);
    for (const part of partsOf(text)) expect(proofsOn(part).length, part.slice(0, 80)).toBeGreaterThanOrEqual(2);
  },
);

/** The rows of a table and the tests in the last column: | C1 | what Chatwoot does | what Ponte does | `test/unit/some.test.ts` · title<br>… | */
const rowsOn = (page: string): { readonly row: string; readonly proofs: Proof[] }[] =>
  [...page.matchAll(/^\| (C?\d+) \|.*\| ([^|]+) \|$/gm)].map(([, row = '', cell = '']) => ({
    row,
    proofs: cell.split('<br>').map((proof) => {
      const [, file = '', title = ''] = /^`(test\/[^`]+)` · (.+)$/.exec(proof) ?? [];
      return { file, title };
    }),
  }));

async function missingOf(proofs: readonly Proof[]): Promise<Proof[]> {
  const missing: Proof[] = [];
  for (const proof of proofs) if (!(await isThere(proof))) missing.push(proof);
  return missing;
}

it.each(['docs/reports.md', 'docs/reports.pt-BR.md'])('%s names a test that exists for each row', async (page) => {
  const rows = rowsOn(await read(page));
  expect(rows).toHaveLength(20);
  expect(await missingOf(rows.flatMap(({ proofs }) => proofs))).toEqual([]);
});

it('what was reported is held by the same tests in both languages', async () => {
  const [english, portuguese] = await Promise.all(['docs/reports.md', 'docs/reports.pt-BR.md'].map(read));
  expect(rowsOn(portuguese ?? '')).toEqual(rowsOn(english ?? ''));
});

it('both languages promise the same, by the same tests', async () => {
  const [english, portuguese] = await Promise.all(['docs/guarantees.md', 'docs/guarantees.pt-BR.md'].map(read));
  expect(partsOf(portuguese ?? '').map(proofsOn)).toEqual(partsOf(english ?? '').map(proofsOn));
});

it('what running Chatwoots showed is held by tests that exist, the same in both languages', async () => {
  const [english = '', portuguese = ''] = await Promise.all(['docs/chatwoot.md', 'docs/chatwoot.pt-BR.md'].map(read));
  const rows = rowsOn(english);
  expect(rows.map(({ row }) => row)).toEqual(Array.from({ length: 21 }, (_, index) => `C${index + 1}`));
  expect(await missingOf(rows.flatMap(({ proofs }) => proofs))).toEqual([]);
  expect(rowsOn(portuguese)).toEqual(rows);
});

/** The rows of the last table on docs/security.md: | promise | limit | `test/unit/some.test.ts` · title<br>… | */
const limitsOn = (page: string): Proof[][] =>
  [
    ...(page.split(/^## /m).find((part) => part.includes('| test |') || part.includes('| teste |')) ?? '').matchAll(
      /^\|.*\| (`test\/[^|]+) \|$/gm,
    ),
  ].map(([, cell = '']) => proofsOn(cell.replaceAll(/^|<br>/g, '\n- ')));

it('each limit of the security model is held by tests that exist, the same in both languages', async () => {
  const [english = '', portuguese = ''] = await Promise.all(['docs/security.md', 'docs/security.pt-BR.md'].map(read));
  const rows = limitsOn(english);
  expect(rows).toHaveLength(21);
  expect(rows.every((proofs) => proofs.length > 0)).toBe(true);
  expect(await missingOf(rows.flat())).toEqual([]);
  expect(limitsOn(portuguese)).toEqual(rows);
});
