import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { build, type Plugin, transform } from 'esbuild';
import { PACKAGES_OUTSIDE, removeOld } from '../../scripts/build/build.js';
import { projectRoot } from '../../shared/project-root.ts';

/** Below `node_modules`, so that no checkout knows it and the packages that stay outside the bundle are found. */
const BUNDLES = join(projectRoot, 'node_modules', '.cache', 'ponte-bundles');

/** What tests start as processes: the entry files of Ponte and of its simulators, and the tests' own. */
const ENTRIES = [
  'api/main.ts',
  'worker/main.ts',
  'bridge/main.ts',
  'cli/main.ts',
  'simulators/chatwoot/main.ts',
  'simulators/whatsapp-engine/main.ts',
  'test/support/embedded-postgres-runner.ts',
  'test/support/process-parent.ts',
  'test/support/quick-bridge.ts',
  'test/support/quick-worker.ts',
  'test/contract/queue/queue-consumer.ts',
];

/** Another run in this checkout may still use what is younger. */
const HOUR_MS = 3_600_000;

/** A script has no `import.meta`, and wants what it is called with from the runner that loads it. */
const IMPORT_META_URL = `const importMetaUrl = require('node:url').pathToFileURL(__filename).href;`;

/**
 * Bundles what the processes of the tests run, packages included, into one script that `bundle-runner.cjs` starts an entry of: what V8 made of
 * it is kept beside it, so a process loads in 0.3 s of CPU time, and not in the 0.6 s of what the build makes.
 * Resolves with the folder that holds the result: a folder for each content, since several runs may use one checkout at once. What the build
 * makes is held by `test/long/built.test.ts`.
 */
export async function bundleProject(): Promise<string> {
  await mkdir(BUNDLES, { recursive: true });
  const draft = await mkdtemp(join(BUNDLES, '.draft-'));
  const script = join(draft, 'bundle.cjs');
  await build({
    absWorkingDir: projectRoot,
    stdin: { contents: startEntry(), resolveDir: projectRoot, sourcefile: 'start-entry.js' },
    outfile: script,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    external: PACKAGES_OUTSIDE,
    define: { 'import.meta.url': 'importMetaUrl' },
    banner: { js: IMPORT_META_URL },
    // A script that V8 has kept cannot import.
    supported: { 'dynamic-import': false },
    plugins: [entriesInFunctions, webAssemblyOutside],
    // What is shorter is read sooner; names stay, they stand in logs.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    logLevel: 'warning',
  });
  const text = withEscapes(await readFile(script, 'utf8'));
  await writeFile(script, text, 'latin1');
  const name = createHash('sha256').update(process.version).update(text).digest('hex').slice(0, 16);
  const place = join(BUNDLES, name);
  await rename(draft, place).catch(async (error: NodeJS.ErrnoException) => {
    await rm(draft, { recursive: true, force: true });
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
  });
  const now = new Date();
  await utimes(place, now, now);
  await removeOld(BUNDLES, { except: new Set([name]), olderThanMs: HOUR_MS });
  return place;
}

/** V8 reads a text of one byte a letter twice as fast; esbuild leaves regular expressions as they are written. */
const withEscapes = (text: string): string =>
  text.replace(/[^\0-\x7F]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Loads the one entry that is asked for. */
const startEntry = (): string => {
  const cases = ENTRIES.map((entry) => `${JSON.stringify(entry)}: () => import(${JSON.stringify(`./${entry}`)}),`);
  return `module.exports = (entry) => ({\n${cases.join('\n')}\n})[entry]();`;
};

/** An entry file may await at its top level, which a script cannot: what follows its imports becomes a function. */
const entriesInFunctions: Plugin = {
  name: 'entries in functions',
  setup({ onLoad }) {
    const entries = new Set(ENTRIES.map((entry) => join(projectRoot, entry)));
    onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      if (!entries.has(path)) return undefined;
      const { code } = await transform(await readFile(path, 'utf8'), { loader: 'ts', tsconfigRaw: {} });
      const lines = code.split('\n');
      const begin = lines.findLastIndex((line) => /^(import .*|\} from .*);$/.test(line)) + 1;
      const contents = [...lines.slice(0, begin), 'void (async () => {', ...lines.slice(begin), '})();'].join('\n');
      return { contents, loader: 'js', resolveDir: dirname(path) };
    });
  },
};

/** Prisma's query compiler is four megabytes of text that V8 cannot make any shorter, needed a while after the start. */
const webAssemblyOutside: Plugin = {
  name: 'web assembly outside',
  setup({ onResolve }) {
    onResolve({ filter: /^@prisma\/client\/.*\.wasm-base64\.mjs$/ }, ({ path }) => ({
      path: path.replace(/\.mjs$/, '.js'),
      external: true,
    }));
  },
};
