import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type CellProof, engineTable, withEngineTable } from '../../scripts/docs/engine-table.ts';
import { engineKinds, engineOf } from '../../shared/engines/registry.ts';
import { projectRoot } from '../../shared/project-root.ts';

const read = (path: string): Promise<string> => readFile(join(projectRoot, path), 'utf8');

async function isThere({ file, title }: CellProof): Promise<boolean> {
  if (!existsSync(join(projectRoot, file))) return false;
  const code = await read(file);
  // Between quotes of any kind, so that the beginning of a title is none.
  return ["'", '"', '`'].some((quote) => code.includes(`${quote}${title}${quote}`));
}

it.each([
  ['docs/engines.md', 'en'],
  ['docs/engines.pt-BR.md', 'pt'],
] as const)('%s has the table that `npm run docs` makes', async (page, language) => {
  const text = await read(page);
  expect(withEngineTable(text, language)).toBe(text);
});

it.each(engineTable)('what each engine can do of “$en” is what its code says', ({ fact, cells }) => {
  if (fact === undefined) return expect(Object.values(cells).every(({ can }) => can)).toBe(true);
  for (const kind of engineKinds) expect(fact(engineOf(kind)), kind).toBe(cells[kind].can);
});

it.each(engineTable)('each cell of “$en” is held by tests that exist', async ({ fact, cells }) => {
  const missing: CellProof[] = [];
  for (const [kind, { can, proofs }] of Object.entries(cells)) {
    // That an engine has nothing of it, the test above says.
    const isSaidByCode = fact !== undefined && !can;
    expect(proofs.length, kind).toBeGreaterThanOrEqual(isSaidByCode ? 0 : 1);
    for (const proof of proofs) if (!(await isThere(proof))) missing.push(proof);
  }
  expect(missing).toEqual([]);
});

it.each(['docs/engines.md', 'docs/engines.pt-BR.md'])('%s says of every engine in five lines how to connect it', async (page) => {
  const [, connecting = ''] = (await read(page)).split(/^## (?:How to connect|Como conectar)$/m);
  const sections = (connecting.split(/^## /m)[0] ?? '').split(/^### /m).slice(1);
  expect(sections).toHaveLength(engineKinds.length);
  for (const section of sections) expect(section.match(/^\d\. /gm), section.slice(0, 40)).toHaveLength(5);
});
