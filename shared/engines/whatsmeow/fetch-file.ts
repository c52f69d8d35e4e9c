import { PonteError } from '../../errors/ponte-error.ts';
import { fileAs } from '../answers.ts';
import type { FileCall, FileOutcome } from '../engine.ts';
import { refused } from '../engine-errors.ts';
import { textOf } from '../fields.ts';
import { MAX_FILE_ANSWER_BYTES } from '../limits.ts';
import { type FileReference, readReference } from './file-reference.ts';
import { callEngine, flavourOf } from './request.ts';

/** Has the engine download what WhatsApp keeps encrypted. */
export async function fetchFile(call: FileCall): Promise<FileOutcome> {
  const { access } = call;
  const reference = call.reference === undefined ? undefined : readReference(call.reference);
  if (reference === undefined) return { kind: 'failed', error: refused('the event told nothing of its file', access) };
  const flavour = await flavourOf(call);
  if (flavour instanceof PonteError) return { kind: 'failed', error: flavour };
  const isWuzapi = flavour === 'wuzapi';
  const answer = await callEngine(call, {
    method: 'POST',
    path: isWuzapi ? `/chat/download${reference.kind}` : '/message/downloadmedia',
    json: isWuzapi ? wuzapiOf(reference) : { message: protoOf(reference) },
    isHarmless: true,
    maxResponseBytes: MAX_FILE_ANSWER_BYTES,
  });
  if (!answer.ok) return { kind: 'failed', error: answer.error };
  const [, type = '', base64 = ''] = /^data:([^,]*?)(?:;base64)?,(.+)$/s.exec(textOf(answer.data, 'Data', 'base64')) ?? [];
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length === 0) return { kind: 'failed', error: refused('the file is empty', access) };
  return fileAs(bytes, (textOf(answer.data, 'Mimetype') || type || reference.mimetype).split(';', 1)[0]?.trim() ?? '');
}

const wuzapiOf = ({ url, directPath, mediaKey, mimetype, fileEncSha256, fileSha256, fileLength }: FileReference) => ({
  Url: url,
  DirectPath: directPath,
  MediaKey: mediaKey,
  Mimetype: mimetype,
  FileEncSHA256: fileEncSha256,
  FileSHA256: fileSha256,
  FileLength: fileLength,
});

/** As whatsmeow spells it. */
const protoOf = ({ kind, url, fileEncSha256, fileSha256, ...same }: FileReference) => ({
  [`${kind}Message`]: { ...same, URL: url, fileEncSHA256: fileEncSha256, fileSHA256: fileSha256 },
});
