import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { projectRoot } from '../../shared/project-root.ts';

const PRODUCT = ['api', 'worker', 'bridge', 'shared', 'admin', 'embedded'];

/** The product's files, of one folder or of all, whose text matches. */
async function filesWith(pattern: RegExp, folders: readonly string[] = PRODUCT): Promise<string[]> {
  const names = await Promise.all(
    folders.map(async (folder) => {
      const found = await readdir(join(projectRoot, folder), { recursive: true }).catch(() => []);
      return found.filter((name) => /\.[jt]s$/.test(name)).map((name) => join(folder, name));
    }),
  );
  const matching: string[] = [];
  for (const file of names.flat()) {
    if (pattern.test(await readFile(join(projectRoot, file), 'utf8'))) matching.push(file);
  }
  return matching.sort();
}

it('the HTTP library is imported in one file', async () => {
  expect(await filesWith(/['"]got['"]/)).toEqual(['shared/http/exchange.ts']);
});

it('an address in an account of Chatwoot is built in one file, and a request to Chatwoot is made there alone', async () => {
  expect(await filesWith(/\/api\/v1\/accounts\//)).toEqual(['bridge/chatwoot/call.ts']);
  expect(await filesWith(/transport\.request\(/, ['bridge'])).toEqual([
    'bridge/chatwoot/call.ts',
    // Those that only look on.
    'bridge/integrations/inbox-watch.ts',
    'bridge/metrics/measured-transport.ts',
    'bridge/tracing/traced-transport.ts',
  ]);
});
