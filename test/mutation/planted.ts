import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { projectRoot } from '../../shared/project-root.ts';
import { DEFECTS, type Defect, plantedIn } from './planted-defects.ts';

// `npm run test:planted`: plants one defect after the other in a copy of the project, and has the model of the relay find it. Arguments are
// parts of their names; none means all, and first none of them, of which nothing may be found.

const { values, positionals } = parseArgs({
  options: {
    /** Of the model, for each. */
    runs: { type: 'string', default: '4' },
    seed: { type: 'string', default: '20261122' },
  },
  allowPositionals: true,
});

const RYZEAPI = 'ryzeapi';
const LEFT_OUT = ['.git', '.ponte', '.stryker-tmp', 'dist', 'node_modules', 'reports'];

async function copyProject(): Promise<string> {
  const place = join(projectRoot, '.stryker-tmp');
  await mkdir(place, { recursive: true });
  const copy = await mkdtemp(join(place, 'planted-'));
  for (const name of await readdir(projectRoot)) {
    if (!LEFT_OUT.includes(name)) await cp(join(projectRoot, name), join(copy, name), { recursive: true });
  }
  await symlink(join(projectRoot, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

/** What the model says of the copy as it is now; undefined where it holds. */
async function judge(copy: string, engine: string = RYZEAPI): Promise<string | undefined> {
  const config = [
    '--config',
    'vitest.faults.config.ts',
    'test/faults/relay-model.test.ts',
    '--testNamePattern',
    `on '${engine}'`,
  ];
  const { all, failed } = await execa('npx', ['vitest', 'run', ...config], {
    cwd: copy,
    env: { RELAY_RUNS: values.runs, RELAY_SEED: values.seed, NO_COLOR: '1' },
    all: true,
    reject: false,
  });
  return failed ? all : undefined;
}

async function isFound(copy: string, defect: Defect): Promise<boolean> {
  const path = join(copy, defect.file);
  const text = await readFile(path, 'utf8');
  await writeFile(path, plantedIn(text, defect));
  const words = await judge(copy, defect.engine);
  await writeFile(path, text);
  const isIt = words !== undefined && defect.verdict.test(words);
  if (!isIt && words !== undefined) console.log(words);
  return isIt;
}

const copy = await copyProject();
const table: Record<string, string> = {};
try {
  if (positionals.length === 0) {
    for (const engine of new Set(Object.values(DEFECTS).map((defect) => defect.engine)))
      table[`none, on ${engine ?? RYZEAPI}`] = (await judge(copy, engine)) === undefined ? 'holds' : 'FAILS';
  }
  for (const [name, defect] of Object.entries(DEFECTS)) {
    if (positionals.length > 0 && !positionals.some((part) => name.includes(part))) continue;
    table[name] = (await isFound(copy, defect)) ? 'found' : 'NOT FOUND';
    console.log(`${name}: ${table[name]}`);
  }
} finally {
  await rm(copy, { recursive: true, force: true });
}
console.table(table);
if (Object.values(table).some((result) => result === 'FAILS' || result === 'NOT FOUND')) process.exitCode = 1;
