// Part of npm run docs: writes what others call Ponte with.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from '../shared/project-root.ts';
import { generatedClients } from './generated.ts';

for (const [path, text] of Object.entries(await generatedClients())) {
  await writeFile(join(projectRoot, path), text);
  console.log(`wrote ${path}`);
}
