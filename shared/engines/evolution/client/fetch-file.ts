import { parseJson } from '../../../http/parse-json.ts';
import type { EngineFailure, FileCall, FileOutcome } from '../../engine.ts';
import { refused } from '../../engine-errors.ts';
import { MAX_FILE_ANSWER_BYTES } from '../../limits.ts';
import { failed, readingOf } from './answer.ts';
import { request } from './request.ts';

/**
 * `POST /chat/getBase64FromMediaMessage`: by its id, which is enough where the engine keeps messages, else by what its event said of it.
 * After a revocation there is none any more.
 */
export async function fetchFile(call: FileCall): Promise<FileOutcome> {
  const byId = await ask(call, { key: { id: call.whatsappId } });
  const described = call.reference === undefined ? undefined : parseJson(call.reference);
  if (byId.kind === 'file' || described === undefined || byId.error.code !== 'engine_refused') return byId;
  const byDescription = await ask(call, described);
  return byDescription.kind === 'file' ? byDescription : byId;
}

async function ask(call: FileCall, message: unknown): Promise<Extract<FileOutcome, { kind: 'file' }> | EngineFailure> {
  const reply = await request(call, {
    method: 'POST',
    path: '/chat/getBase64FromMediaMessage',
    json: { message, convertToMp4: false },
    maxResponseBytes: MAX_FILE_ANSWER_BYTES,
  });
  const answer = readingOf(call, reply);
  if (answer.kind === 'failed') return answer;
  if (answer.cut) return failed(refused('the file is larger than 64 MiB', call.access));
  const body = answer.body.trimStart();
  if (!body.startsWith('{') || !/"base64"\s*:\s*"[^"]/.test(body))
    return failed(refused('it has no file of this message', call.access));
  // The names of the public API, before the engine's own: nothing of the size of a file is parsed or written again.
  const names = { mime_type: textIn(body, 'mimetype'), media_type: textIn(body, 'mediaType') };
  return { kind: 'file', answer: `${JSON.stringify(names).slice(0, -1)},${body.slice(1)}` };
}

const textIn = (body: string, name: string): string => new RegExp(`"${name}"\\s*:\\s*"([^"\\\\]{1,200})"`).exec(body)?.[1] ?? '';
