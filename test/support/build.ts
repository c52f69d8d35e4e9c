import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from '../../shared/project-root.ts';

/** Below `node_modules`, so that no checkout knows it; kept from run to run, so that only what has changed is compiled again. */
const CACHE = join(projectRoot, 'node_modules', '.cache', 'ponte-built');

/**
 * Compiles the whole project to JavaScript, which the processes of the tests run: through a loader each would spend more than half of
 * its start on compiling. Resolves with the folder that holds the result. Types are for `npm run check`.
 */
export async function buildProject(): Promise<string> {
  await mkdir(CACHE, { recursive: true });
  // Node looks for this no higher than the nearest `node_modules`.
  await writeFile(join(CACHE, 'package.json'), '{"type":"module"}\n');
  const flags = ['--noEmit', 'false', '--noCheck', '--sourceMap', '--rootDir', '.', '--outDir', CACHE];
  const incremental = ['--incremental', '--tsBuildInfoFile', join(CACHE, 'tsbuildinfo')];
  const compiler = join(projectRoot, 'node_modules', '.bin', 'tsc');
  const child = spawn(compiler, ['-p', 'tsconfig.json', ...flags, ...incremental], {
    cwd: projectRoot,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error('the project does not compile: see above');
  return CACHE;
}
