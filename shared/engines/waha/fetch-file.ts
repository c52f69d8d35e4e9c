import { downloadFile } from '../download-file.ts';
import type { AvatarCall, AvatarOutcome, EngineCall, FileCall, FileOutcome } from '../engine.ts';
import { refused } from '../engine-errors.ts';
import { fieldsOf, labelOf } from '../fields.ts';
import { usableUrls } from '../media-fields.ts';
import { fileUrl, readFile, readReference } from './file-reference.ts';
import { chatIdOf, readName } from './ids.ts';
import { callWaha, refusalOf } from './request.ts';

const LEAST_MS = 1_000;

/** The file that WAHA keeps for some minutes; where it is gone, WAHA is asked to download the message's anew. */
export async function fetchFile(call: FileCall): Promise<FileOutcome> {
  const { access, instance, timeoutMs } = call;
  const reference = call.reference === undefined ? undefined : readReference(call.reference);
  if (reference === undefined) return { kind: 'failed', error: refused('the event told nothing of its file', access) };
  const deadlineMs = Date.now() + timeoutMs;
  const left = (): number => Math.max(LEAST_MS, deadlineMs - Date.now());
  const first = await get(call, reference.path, left());
  if (first !== undefined && (first.kind === 'file' || first.error.code !== 'engine_refused')) return first;
  const { chat } = readName(reference.message);
  const path = `/api/${encodeURIComponent(instance)}/chats/${encodeURIComponent(chat)}/messages/${encodeURIComponent(reference.message)}`;
  const again = await callWaha(
    { ...call, timeoutMs: left() },
    { method: 'GET', path: `${path}?downloadMedia=true`, isHarmless: true },
  );
  if (!again.ok) return { kind: 'failed', error: again.error };
  const payload = fieldsOf(again.json);
  const fresh = readReference(readFile({ ...payload, id: reference.message }).reference)?.path;
  const [elsewhere] = usableUrls([labelOf(fieldsOf(payload.media), 'url')]);
  const downloaded = await get(call, fresh, left());
  if (downloaded !== undefined) return downloaded;
  const why = elsewhere === undefined ? 'WAHA no longer has the file' : 'the file is kept elsewhere, where the key must not go';
  return { kind: 'failed', error: refused(why, access) };
}

/** A file below WAHA's address; undefined where that is none of this session. */
async function get(
  { access, instance }: EngineCall,
  path: string | undefined,
  timeoutMs: number,
): Promise<FileOutcome | undefined> {
  const url = path === undefined ? undefined : fileUrl(access.url, instance, path);
  if (url === undefined) return undefined;
  return downloadFile(access, { url, headers: { 'x-api-key': access.token }, timeoutMs }, refusalOf);
}

/** `GET /api/{session}/chats/{chat}/picture`. */
export async function fetchAvatar({ address, ...call }: AvatarCall): Promise<AvatarOutcome> {
  const chat = chatIdOf(address);
  if (chat === undefined) return { kind: 'none' };
  const path = `/api/${encodeURIComponent(call.instance)}/chats/${encodeURIComponent(chat)}/picture`;
  const answer = await callWaha(call, { method: 'GET', path, isHarmless: true });
  // A picture that is shown to nobody is an error in some engines.
  if (!answer.ok) return answer.error.code === 'engine_refused' ? { kind: 'none' } : { kind: 'failed', error: answer.error };
  const url = labelOf(fieldsOf(answer.json), 'url');
  return /^https?:/i.test(url) ? { kind: 'picture', url } : { kind: 'none' };
}
