import { join } from 'node:path';
import { type ProcessOptions, type RunningProcess, spawnProcess } from '../test/support/process.ts';

/** Starts what the build made of an entry file, as it runs in production. */
export function startBuilt(options: ProcessOptions): Promise<RunningProcess> {
  if (!('entry' in options)) return spawnProcess(options, () => {});
  const { entry, ...rest } = options;
  const args = ['--enable-source-maps', join('dist', entry.replace(/\.ts$/, '.js'))];
  return spawnProcess({ ...rest, env: { ...rest.env, NODE_ENV: 'production' }, command: process.execPath, args }, () => {});
}
