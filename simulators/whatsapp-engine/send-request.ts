import { z } from 'zod';
import type { Content } from './content.ts';
import { toJid } from './jids.ts';
import { Refusal } from './replies.ts';

const common = {
  number: z.string(),
  delay: z.number().optional(),
  replyTo: z.string().optional(),
  replyPrivate: z.boolean().optional(),
  mention: z.array(z.string()).optional(),
  mentionAll: z.boolean().optional(),
  source: z.string().default(''),
};

const textBody = z.looseObject({ ...common, message: z.string().default(''), linkPreview: z.boolean().optional() });
const mediaBody = z.looseObject({
  ...common,
  mediaType: z.string().default(''),
  mediaUrl: z.string().default(''),
  mediaBase64: z.string().default(''),
  message: z.string().default(''),
  mimeType: z.string().optional(),
  fileName: z.string().optional(),
  isVoice: z.boolean().default(true),
  duration: z.number().optional(),
  waveform: z.string().optional(),
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
      return { type: 'audio', voice: given.isVoice, media };
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

function decode(text: string): { base64: string; mimeType?: string; fileName?: string } {
  const [, dataType, dataBase64] = /^data:([^;,]+)[^,]*,(.*)$/s.exec(text) ?? [];
  const base64 = dataBase64 ?? text;
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
