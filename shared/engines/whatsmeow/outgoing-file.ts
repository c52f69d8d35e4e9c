import { PonteError } from '../../errors/ponte-error.ts';
import { collect, download } from '../../http/exchange.ts';
import type { EngineAccess, OutgoingFile } from '../engine.ts';
import { refused, unreachable } from '../engine-errors.ts';
import { CONNECT_TIMEOUT_MS, MAX_FILE_BYTES } from '../limits.ts';

const MOST_REDIRECTS = 5;

/** A file as base64: wuzapi fetches pictures and videos of 10 MB at most, and documents and audio not at all. */
export async function base64Of(
  { content }: OutgoingFile,
  access: EngineAccess,
  timeoutMs: number,
): Promise<{ readonly base64: string } | { readonly error: PonteError }> {
  if (content.kind === 'base64') return { base64: content.base64.replace(/^data:[^,]*,/, '') };
  const deadlineMs = Date.now() + timeoutMs;
  let address = content.url;
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
    const url = URL.canParse(address) ? new URL(address) : undefined;
    if (url === undefined || !/^https?:$/.test(url.protocol)) return { error: refused('the file’s address is none', access) };
    const route = await access.routeTo?.(url);
    if (route === undefined) return { error: refused('a file is taken as base64 only', access) };
    const leftMs = deadlineMs - Date.now();
    if (leftMs <= 0) break;
    const found = await download(
      {
        method: 'GET',
        url: url.href,
        timeoutMs: leftMs,
        connectTimeoutMs: CONNECT_TIMEOUT_MS,
        maxResponseBytes: MAX_FILE_BYTES,
        route,
      },
      collect,
    );
    if (found.kind === 'failed') {
      if (found.code === 'address_forbidden') return { error: new PonteError('engine_address_forbidden', { url: url.origin }) };
      return { error: unreachable({ ...access, url: url.origin }, `the file to be sent could not be fetched: ${found.message}`) };
    }
    if (found.status >= 300 && found.status < 400 && found.location !== undefined && URL.canParse(found.location, url.href)) {
      address = new URL(found.location, url).href;
      continue;
    }
    if (found.cut) return { error: refused('the file is larger than 64 MiB', access) };
    if (found.status === 200 && found.body.length > 0) return { base64: found.body.toString('base64') };
    const detail = `the file to be sent could not be fetched: HTTP ${found.status}`;
    return { error: found.status >= 500 ? unreachable({ ...access, url: url.origin }, detail) : refused(detail, access) };
  }
  return { error: refused('the file to be sent could not be fetched: too many redirects, or too slow', access) };
}
