import type { PonteError } from '../errors/ponte-error.ts';
import { collect, download, type HttpResponse } from '../http/exchange.ts';
import { fileAs } from './answers.ts';
import type { EngineAccess, FileOutcome } from './engine.ts';
import { failureOf, refused, unreachable } from './engine-errors.ts';
import { CONNECT_TIMEOUT_MS, MAX_FILE_BYTES } from './limits.ts';

/** A file at an address of the engine itself, which opens with the headers of its API. `refusalOf` reads what is no success. */
export async function downloadFile(
  access: EngineAccess,
  call: { readonly url: string; readonly headers: Readonly<Record<string, string>>; readonly timeoutMs: number },
  refusalOf: (answer: HttpResponse<unknown>, access: EngineAccess) => PonteError | undefined,
): Promise<FileOutcome> {
  const file = await download(
    { method: 'GET', ...call, connectTimeoutMs: CONNECT_TIMEOUT_MS, maxResponseBytes: MAX_FILE_BYTES, route: access.route },
    collect,
  );
  if (file.kind === 'failed') return { kind: 'failed', error: failureOf(file, access, { isRead: true }) };
  if (file.cut) return { kind: 'failed', error: refused('the file is larger than 64 MiB', access) };
  if (file.status === 200 && file.body.length > 0) return fileAs(file.body, file.contentType);
  const error = file.status === 200 ? refused('the file is empty', access) : refusalOf(file, access);
  if (error?.code === 'engine_outcome_unknown') return { kind: 'failed', error: unreachable(access, `HTTP ${file.status}`) };
  return { kind: 'failed', error: error ?? refused(`HTTP ${file.status}`, access) };
}
