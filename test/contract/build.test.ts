import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { projectRoot } from '../../shared/project-root.ts';

const run = promisify(execFile);
let dir = '';

const write = (path: string, text: string) => writeFile(join(dir, path), text);

/** A checkout with the command of Ponte in it, and entry files of its own. */
beforeEach(async () => {
  await rm(dir, { recursive: true, force: true });
  dir = await mkdtemp(join(tmpdir(), 'ponte-build-'));
  for (const room of ['cli', 'api', 'worker', 'bridge', 'shared']) await mkdir(join(dir, room));
  await cp(join(projectRoot, 'scripts', 'build'), join(dir, 'scripts', 'build'), { recursive: true });
  await cp(join(projectRoot, 'cli', 'ponte.js'), join(dir, 'cli', 'ponte.js'));
  await symlink(join(projectRoot, 'node_modules'), join(dir, 'node_modules'));
  for (const room of ['api', 'worker', 'bridge']) await write(join(room, 'main.ts'), '');
  await write('cli/main.ts', `import { text } from '../shared/text.ts';\nconsole.log(text satisfies string);`);
  await write('shared/text.ts', `export const text = 'one';`);
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const ponte = async (): Promise<string> => (await run(process.execPath, [join(dir, 'cli', 'ponte.js')])).stdout.trim();
const builtNames = async () => (await readdir(dir)).filter((name) => name.startsWith('dist'));

test('the command runs what the sources are: it builds where nothing is, and again after each change', async () => {
  expect(await ponte()).toBe('one');
  await write('shared/text.ts', `export const text = 'two';`);
  expect(await ponte()).toBe('two');
  await write('shared/more.ts', `export const more = 'three';`);
  await write('cli/main.ts', `import { more } from '../shared/more.ts';\nconsole.log(more);`);
  expect(await ponte()).toBe('three');
  await rm(join(dir, 'cli', 'main.ts'));
  expect(await ponte(), 'as in the image, which has no sources').toBe('three');
});

test('it builds nothing while nothing has changed', async () => {
  await ponte();
  await write('dist/cli/main.js', `console.log('untouched');`);
  expect(await ponte()).toBe('untouched');
});

test('commands that come together after a change all run what the sources are', async () => {
  await ponte();
  await write('shared/text.ts', `export const text = 'two';`);
  expect(await Promise.all(Array.from({ length: 4 }, ponte))).toEqual(['two', 'two', 'two', 'two']);
  expect(await builtNames()).toEqual(['dist']);
});

test('what does not compile is told, and leaves nothing half done', async () => {
  await ponte();
  await write('shared/text.ts', 'export const text = (');
  await expect(ponte()).rejects.toThrow('shared/text.ts:1:');
  expect(await builtNames()).toEqual(['dist']);
  await write('shared/text.ts', `export const text = 'mended';`);
  expect(await ponte()).toBe('mended');
});
