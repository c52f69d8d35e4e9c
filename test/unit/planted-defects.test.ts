import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { projectRoot } from '../../shared/project-root.ts';
import { DEFECTS, plantedIn } from '../mutation/planted-defects.ts';

it.each(Object.entries(DEFECTS))('the code has the place of a planted defect: %s', async (_name, defect) => {
  const text = await readFile(join(projectRoot, defect.file), 'utf8');
  expect(plantedIn(text, defect)).not.toBe(text);
  expect(() => plantedIn('', defect)).toThrow(defect.file);
});
