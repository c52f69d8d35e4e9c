import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { projectRoot } from '../../shared/project-root.ts';

/** Below `node_modules`, so that no checkout knows it and the packages that stay outside the bundles are found. */
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

/** Packages with files that are looked for by path; `pg-native` is an option of pg that nobody has. */
const PACKAGES_OUTSIDE = [
  '@bull-board/ui',
  'embedded-postgres',
  '@embedded-postgres/*',
  'htmx.org',
  'pg-native',
  'swagger-ui-dist',
];

/** Packages that are CommonJS call `require`, which an ES module does not have. */
const REQUIRE = `import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);`;

/**
 * Bundles what the processes of the tests run, packages included: a bundle loads in 0.4 s of CPU time, the single files in 0.9 s as
 * JavaScript and in more through a loader. Resolves with the folder that holds the result. What an image runs are single files, as tsc
 * writes them: `test/long/built.test.ts` holds those.
 */
export async function bundleProject(): Promise<string> {
  const { metafile } = await build({
    absWorkingDir: projectRoot,
    entryPoints: ENTRIES,
    outbase: '.',
    outdir: BUNDLES,
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: PACKAGES_OUTSIDE,
    banner: { js: REQUIRE },
    // What is shorter is read sooner; names stay, they stand in logs.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  });
  await removeAllBut(new Set(Object.keys(metafile.outputs).map((path) => join(projectRoot, path))));
  return BUNDLES;
}

/** A chunk is named by what it holds: those of earlier versions would add up. */
async function removeAllBut(current: ReadonlySet<string>): Promise<void> {
  const entries = await readdir(BUNDLES, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  await Promise.all(files.filter((file) => !current.has(file)).map((file) => rm(file, { force: true })));
}
