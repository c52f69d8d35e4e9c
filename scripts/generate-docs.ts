// npm run docs: writes the pages of docs/ that are made of the code.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from '../shared/project-root.ts';
import { generatedPages } from './docs/reference.ts';

for (const [path, text] of Object.entries(generatedPages())) {
  await writeFile(join(projectRoot, path), text);
  console.log(`wrote ${path}`);
}
