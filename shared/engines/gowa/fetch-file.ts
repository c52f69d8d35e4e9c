import { downloadFile } from '../download-file.ts';
import type { AvatarCall, AvatarOutcome, EngineCall, FileCall, FileOutcome } from '../engine.ts';
import { refused } from '../engine-errors.ts';
import { labelOf, textOf } from '../fields.ts';
import { jidOf } from '../jid.ts';
import { fileUrl, readReference } from './file-reference.ts';
import { callGowa, headersOf, refusalOf } from './request.ts';

const LEAST_MS = 1_000;

/** The file that GOWA has downloaded; where it has not, or no longer has it, it is asked to download it. */
export async function fetchFile(call: FileCall): Promise<FileOutcome> {
  const { access, timeoutMs, whatsappId } = call;
  const reference = call.reference === undefined ? undefined : readReference(call.reference);
  if (reference === undefined) return { kind: 'failed', error: refused('the event told nothing of its file', access) };
  const deadlineMs = Date.now() + timeoutMs;
  const left = (): number => Math.max(LEAST_MS, deadlineMs - Date.now());
  const first = await get(call, reference.path, left());
  if (first !== undefined && (first.kind === 'file' || first.error.code !== 'engine_refused')) return first;
  const query = new URLSearchParams({ phone: jidOf(reference.chat) ?? reference.chat });
  const again = await callGowa(
    { ...call, timeoutMs: left() },
    { method: 'GET', path: `/message/${encodeURIComponent(whatsappId)}/download?${query}`, isHarmless: true },
  );
  if (!again.ok) return { kind: 'failed', error: again.error };
  const downloaded = await get(call, textOf(again.results, 'file_path', 'path'), left());
  return downloaded ?? { kind: 'failed', error: refused('GOWA has no file of this message', access) };
}

/** A file below GOWA's address; undefined where that is none. */
async function get(call: EngineCall, path: string, timeoutMs: number): Promise<FileOutcome | undefined> {
  const { access } = call;
  const url = fileUrl(access.url, path);
  if (url === undefined) return undefined;
  return downloadFile(access, { url, headers: headersOf(call), timeoutMs }, refusalOf);
}

/** `GET /user/avatar`. */
export async function fetchAvatar({ address, ...call }: AvatarCall): Promise<AvatarOutcome> {
  const phone = jidOf(address);
  if (phone === undefined) return { kind: 'none' };
  const query = new URLSearchParams({ phone, is_preview: 'false' });
  const answer = await callGowa(call, { method: 'GET', path: `/user/avatar?${query}`, isHarmless: true });
  // A picture that is shown to nobody is an error there.
  if (!answer.ok) return answer.error.code === 'engine_refused' ? { kind: 'none' } : { kind: 'failed', error: answer.error };
  const url = labelOf(answer.results, 'url');
  return /^https?:/i.test(url) ? { kind: 'picture', url } : { kind: 'none' };
}
