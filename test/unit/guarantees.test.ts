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
    const missing: Proof[] = [];
    for (const proof of proofsOn(text)) if (!(await isThere(proof))) missing.push(proof);
    expect(missing).toEqual([]);
    expect(partsOf(text).length).toBeGreaterThan(8);
    for (const part of partsOf(text)) expect(proofsOn(part).length, part.slice(0, 80)).toBeGreaterThanOrEqual(2);
  },
);

/** The tests in the last column of each row of a table. */
const rowsOn = (page: string): Proof[][] =>
  [...page.matchAll(/^\| \d+ \|.*\| ([^|]+) \|$/gm)].map(([, cell = '']) =>
    cell.split('<br>').map((line) => {
      const [, file = '', title = ''] = /^`(test\/[^`]+)` · (.+)$/.exec(line) ?? [];
      return { file, title };
    }),
  );

it.each(['docs/reports.md', 'docs/reports.pt-BR.md'])('%s names a test that exists for each row', async (page) => {
  const rows = rowsOn(await read(page));
  expect(rows).toHaveLength(20);
  const missing: Proof[] = [];
  for (const proof of rows.flat()) if (!(await isThere(proof))) missing.push(proof);
  expect(missing).toEqual([]);
});

it('what was reported is held by the same tests in both languages', async () => {
  const [english, portuguese] = await Promise.all(['docs/reports.md', 'docs/reports.pt-BR.md'].map(read));
  expect(rowsOn(portuguese ?? '')).toEqual(rowsOn(english ?? ''));
});

it('both languages promise the same, by the same tests', async () => {
  const [english, portuguese] = await Promise.all(['docs/guarantees.md', 'docs/guarantees.pt-BR.md'].map(read));
  expect(partsOf(portuguese ?? '').map(proofsOn)).toEqual(partsOf(english ?? '').map(proofsOn));
});
