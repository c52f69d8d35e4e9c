// npm run docs: writes what of docs/ is made of the code.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from '../shared/project-root.ts';
import { withEngineTable } from './docs/engine-table.ts';
import { generatedPages } from './docs/reference.ts';

for (const [path, text] of Object.entries(generatedPages())) {
  await writeFile(join(projectRoot, path), text);
  console.log(`wrote ${path}`);
}
for (const [path, language] of [
  ['docs/engines.md', 'en'],
  ['docs/engines.pt-BR.md', 'pt'],
] as const) {
  const page = join(projectRoot, path);
  await writeFile(page, withEngineTable(await readFile(page, 'utf8'), language));
  console.log(`wrote the table of ${path}`);
}
