import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { projectRoot } from '../../shared/project-root.ts';

const run = promisify(execFile);

const ROOMS = [
  'api',
  'admin',
  'worker',
  'bridge',
  'shared',
  'simulators',
  'scripts',
  'embedded',
  'cli',
  'test',
  'bench',
  'clients',
] as const;
type Room = (typeof ROOMS)[number];

const hasCode = (name: string): boolean => /\.[jt]sx?$/.test(name);

/** What a room may import besides itself. The others may import everything. */
const ALLOWED: Partial<Record<Room, readonly Room[]>> = {
  api: ['shared', 'admin'],
  admin: ['shared'],
  worker: ['shared'],
  bridge: ['shared'],
  simulators: ['shared'],
  scripts: ['shared'],
  shared: [],
};

const isForbidden = (from: Room, to: Room): boolean => from !== to && ALLOWED[from] !== undefined && !ALLOWED[from].includes(to);
const pairs = ROOMS.flatMap((from) => ROOMS.filter((to) => from !== to).map((to) => ({ from, to })));

/** Every way in which one file can depend on another. */
const FORMS: Record<string, (specifier: string) => string> = {
  value: (specifier) => `import { x } from '${specifier}';\n\nexport const y = x;\n`,
  type: (specifier) => `import type { X } from '${specifier}';\n\nexport type Y = X;\n`,
  reexport: (specifier) => `export { x } from '${specifier}';\n`,
  dynamic: (specifier) => `export const load = () => import('${specifier}');\n`,
};

describe('the linter', () => {
  let dir: string;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'ponte-rooms-'));
    await copyFile(join(projectRoot, 'biome.json'), join(dir, 'biome.json'));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  const planted = (from: Room, to: Room, form: string, depth: 'shallow' | 'deep') =>
    join(from, depth === 'shallow' ? '' : join('a', 'b'), `${form}-to-${to}.ts`);

  async function plant(from: Room, to: Room): Promise<void> {
    for (const [form, write] of Object.entries(FORMS)) {
      for (const depth of ['shallow', 'deep'] as const) {
        const file = join(dir, planted(from, to, form, depth));
        await mkdir(dirname(file), { recursive: true });
        await writeFile(file, write(`${depth === 'shallow' ? '..' : '../../..'}/${to}/some/thing.ts`));
      }
    }
  }

  /** The files in which it finds an import between rooms that must not be. */
  async function refused(): Promise<Set<string>> {
    const biome = join(projectRoot, 'node_modules', '.bin', 'biome');
    const args = [
      'lint',
      '--vcs-enabled=false',
      '--reporter=json',
      '--max-diagnostics=none',
      '--only=style/noRestrictedImports',
      '.',
    ];
    const stdout = await run(biome, args, { cwd: dir, maxBuffer: 64 * 1024 * 1024 }).then(
      (result) => result.stdout,
      // It ends with an error whenever it has found something.
      (error: unknown) => z.object({ stdout: z.string() }).parse(error).stdout,
    );
    const report = z.object({
      diagnostics: z.array(z.object({ category: z.string(), location: z.object({ path: z.string() }) })),
    });
    const { diagnostics } = report.parse(JSON.parse(stdout));
    return new Set(
      diagnostics.filter(({ category }) => category === 'lint/style/noRestrictedImports').map(({ location }) => location.path),
    );
  }

  it('refuses every import between rooms that must not be, however it is written, and no other', async () => {
    for (const { from, to } of pairs) await plant(from, to);

    const found = await refused();

    const wrong = pairs.flatMap(({ from, to }) =>
      Object.keys(FORMS).flatMap((form) =>
        (['shallow', 'deep'] as const)
          .map((depth) => planted(from, to, form, depth))
          .filter((file) => found.has(file) !== isForbidden(from, to)),
      ),
    );
    expect(wrong).toEqual([]);
    expect(found.size).toBe(pairs.filter(({ from, to }) => isForbidden(from, to)).length * Object.keys(FORMS).length * 2);
  });
});

describe('the rooms', () => {
  const roomOf = (file: string): string => relative(projectRoot, file).split(sep)[0] ?? '';

  async function importsOf(file: string): Promise<string[]> {
    const text = await readFile(file, 'utf8');
    const specifiers = [...text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*['"](\.[^'"]+)['"]/g)].map((match) => match[1] ?? '');
    return specifiers.map((specifier) => resolve(dirname(file), specifier));
  }

  it.each(Object.keys(ALLOWED) as Room[])('%s imports nothing that it must not', async (room) => {
    const names = await readdir(join(projectRoot, room), { recursive: true });
    const files = names.filter(hasCode).map((name) => join(projectRoot, room, name));
    expect(files.length).toBeGreaterThan(0);
    const allowed: string[] = [room, ...(ALLOWED[room] ?? [])];

    const strays: string[] = [];
    for (const file of files) {
      for (const target of await importsOf(file)) {
        if (!allowed.includes(roomOf(target)))
          strays.push(`${relative(projectRoot, file)} imports ${relative(projectRoot, target)}`);
      }
    }

    expect(strays).toEqual([]);
  });

  /** `docs/design.md` draws the house: a line for a room, with its arrows, and one for each of its folders. */
  async function drawn(): Promise<{ arrows: Record<string, string[]>; folders: string[] }> {
    const text = await readFile(join(projectRoot, 'docs', 'design.md'), 'utf8');
    const [, house = ''] = /```house\n([\s\S]*?)```/.exec(text) ?? [];
    const arrows: Record<string, string[]> = {};
    const folders: string[] = [];
    let room = '';
    for (const line of house.split('\n').filter((each) => each !== '')) {
      const [, indent = '', name = '', , targets] = /^( *)(\S+) +(\S.*?)(?: +→ (.*))?$/.exec(line) ?? [];
      if (indent !== '') folders.push(`${room}/${name}`);
      else {
        room = name;
        arrows[room] = targets === 'nothing' ? [] : (targets?.split(', ') ?? ['(no arrow)']).sort();
      }
    }
    return { arrows, folders: folders.sort() };
  }

  it('are drawn in docs/design.md as they are: each folder, and each arrow between them', async () => {
    const { arrows, folders } = await drawn();
    const found: Record<string, string[]> = {};
    for (const room of Object.keys(arrows)) {
      const names = (await readdir(join(projectRoot, room), { recursive: true })).filter(hasCode);
      const targets = new Set<string>();
      for (const name of names) for (const target of await importsOf(join(projectRoot, room, name))) targets.add(roomOf(target));
      found[room] = [...targets].filter((target) => target !== room && ROOMS.some((each) => each === target)).sort();
    }
    expect(arrows).toEqual(found);

    const drawnRooms = [...new Set(folders.map((folder) => folder.split('/')[0] ?? ''))];
    const real = await Promise.all(
      drawnRooms.map(async (room) => {
        const entries = await readdir(join(projectRoot, room), { withFileTypes: true });
        return entries.filter((entry) => entry.isDirectory()).map((entry) => `${room}/${entry.name}`);
      }),
    );
    expect(folders).toEqual(real.flat().sort());
    expect(drawnRooms.sort()).toEqual(['admin', 'api', 'bridge', 'shared', 'worker']);
  });
});
