import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { parseKeys } from '../../shared/encryption/keys.ts';
import { makeSecrets } from '../../shared/encryption/make-secrets.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';

const secretsSchema = z.object({
  ENCRYPTION_KEYS: z.string().refine((text) => 'keys' in parseKeys(text)),
  BRIDGE_TOKEN: z.string().min(16),
  ADMIN_USER: z.string().min(1),
  ADMIN_PASSWORD: z.string().min(12),
});
export type RunnerSecrets = z.infer<typeof secretsSchema>;

/**
 * The secrets of this installation: made at the first start, kept in `file` (0600). Losing it means losing the stored Chatwoot
 * tokens, so a file that is there but unreadable is an error and never replaced. Throws PonteError `embedded_data_unusable` or
 * `embedded_secrets_broken`.
 */
export async function loadSecrets(file: string): Promise<RunnerSecrets> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw unusable(file, error);
  });
  if (text !== undefined) return parse(file, text);
  const secrets: RunnerSecrets = makeSecrets();
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    throw unusable(dirname(file), error);
  }
  return secrets;
}

function parse(path: string, text: string): RunnerSecrets {
  try {
    return secretsSchema.parse(JSON.parse(text));
  } catch (error) {
    // Neither names a value: only where it is.
    const detail =
      error instanceof z.ZodError
        ? `${[...new Set(error.issues.map((issue) => String(issue.path[0] ?? 'it')))].join(', ')} is missing or wrong`
        : 'it is not JSON';
    throw new PonteError('embedded_secrets_broken', { path, detail });
  }
}

const unusable = (path: string, error: unknown): PonteError =>
  new PonteError('embedded_data_unusable', { path, detail: error instanceof Error ? error.message : String(error) });
