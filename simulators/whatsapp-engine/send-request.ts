import { z } from 'zod';
import type { Content } from './content.ts';
import { toJid } from './jids.ts';
import { Refusal } from './replies.ts';

// A null is as good as nothing, as everywhere in Go.
const maybe = <T extends z.ZodType>(schema: T) => schema.nullish().transform((value) => value ?? undefined);
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '');

const common = {
  number: z.string(),
  delay: maybe(z.number()),
  replyTo: maybe(z.string()),
  replyPrivate: maybe(z.boolean()),
  mention: maybe(z.array(z.string())),
  mentionAll: maybe(z.boolean()),
  source: text,
};

const textBody = z.looseObject({ ...common, message: text, linkPreview: maybe(z.boolean()) });
const mediaBody = z.looseObject({
  ...common,
  mediaType: text,
  mediaUrl: text,
  mediaBase64: text,
  message: text,
  mimeType: maybe(z.string()),
  fileName: maybe(z.string()),
  isVoice: maybe(z.boolean()),
  duration: maybe(z.number()),
  waveform: maybe(z.string()),
});

const DOWNLOAD_TIMEOUT_MS = 15_000;

export interface Sending {
  readonly jid: string;
  readonly content: Content;
  readonly replyTo: string | undefined;
  readonly source: string;
  /** The body as it came, but for the file itself. */
  readonly request: Record<string, unknown>;
}

/** `POST /api/message/text/:instance`. The text is `message`; a body with `text` instead has no message. */
export function readTextRequest(body: unknown): Sending {
  const { number, message, replyTo, source } = parse(textBody, body);
  const jid = readNumber(number);
  if (message === '') throw new Refusal(400, 'message is required');
  return { jid, content: { type: 'text', text: message }, replyTo, source, request: plainObject(body) };
}

/** `POST /api/message/media/:instance`. The file comes as exactly one of `mediaUrl` (which is fetched now) and `mediaBase64`. */
export async function readMediaRequest(body: unknown): Promise<Sending> {
  const given = parse(mediaBody, body);
  const jid = readNumber(given.number);
  if (!['image', 'video', 'document', 'audio'].includes(given.mediaType)) {
    throw new Refusal(400, 'mediaType must be one of image, video, document, audio');
  }
  if ((given.mediaUrl === '') === (given.mediaBase64 === '')) {
    throw new Refusal(400, 'exactly one of mediaUrl and mediaBase64 is required');
  }
  const file = /^https?:\/\//i.test(given.mediaUrl)
    ? await download(given.mediaUrl)
    : decode(given.mediaUrl || given.mediaBase64);
  const media = { base64: file.base64, mimeType: given.mimeType ?? file.mimeType, fileName: given.fileName ?? file.fileName };
  const { mediaBase64: _file, ...rest } = plainObject(body);
  return { jid, content: mediaContent(given, media), replyTo: given.replyTo, source: given.source, request: rest };
}

function mediaContent(
  given: z.infer<typeof mediaBody>,
  media: { base64: string; mimeType?: string; fileName?: string },
): Content {
  const caption = given.message === '' ? undefined : given.message;
  switch (given.mediaType) {
    case 'audio':
      return { type: 'audio', voice: given.isVoice ?? true, media };
    case 'image':
      return { type: 'image', caption, media };
    case 'video':
      return { type: 'video', caption, media };
    default:
      return { type: 'document', caption, media };
  }
}

function parse<T extends z.ZodType>(schema: T, body: unknown): z.output<T> {
  const result = schema.safeParse(body);
  if (!result.success) throw new Refusal(400, 'Invalid request body');
  return result.data;
}

function readNumber(number: string): string {
  if (number.trim() === '') throw new Refusal(400, 'number is required');
  const jid = toJid(number);
  if (jid === undefined) throw new Refusal(400, `Invalid number: ${number}`);
  return jid;
}

function decode(file: string): { base64: string; mimeType?: string; fileName?: string } {
  const [, dataType, dataBase64] = /^data:([^;,]+)[^,]*,(.*)$/s.exec(file) ?? [];
  const base64 = dataBase64 ?? file;
  if (!/^[A-Za-z0-9+/\s]+={0,2}\s*$/.test(base64)) throw new Refusal(400, 'Invalid base64 media');
  return { base64: Buffer.from(base64, 'base64').toString('base64'), mimeType: dataType };
}

async function download(url: string): Promise<{ base64: string; mimeType?: string; fileName?: string }> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS) });
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    const base64 = Buffer.from(await response.arrayBuffer()).toString('base64');
    const fileName = decodeURIComponent(new URL(url).pathname.split('/').pop() ?? '');
    return {
      base64,
      mimeType: response.headers.get('content-type') ?? undefined,
      fileName: fileName === '' ? undefined : fileName,
    };
  } catch (error) {
    throw new Refusal(400, `Failed to download media: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function plainObject(body: unknown): Record<string, unknown> {
  return typeof body === 'object' && body !== null ? { ...body } : {};
}
