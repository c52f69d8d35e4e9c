import { z } from 'zod';
import { bytesOfBase64 } from '../../text/base64.ts';
import type { TextsAside } from '../../text/large-json.ts';

const idSchema = z.union([z.string().min(1), z.number()]).transform(String);

const sentMessageSchema = z.looseObject({
  data: z
    .looseObject({ messageId: idSchema.optional().catch(undefined), id: idSchema.optional().catch(undefined) })
    .optional()
    .catch(undefined),
});

/**
 * The answer to a message that was sent, as far as its id goes: RyzeAPI documents `data.messageId`. Undefined for what is no such answer;
 * without `whatsappId` where no id is told.
 */
export function readSent(json: unknown): { readonly whatsappId: string | undefined } | undefined {
  const { success, data: answer } = sentMessageSchema.safeParse(json);
  return success ? { whatsappId: answer.data?.messageId ?? answer.data?.id } : undefined;
}

/** The answer of RyzeAPI, and of the api, to the question for the file of a message. */
export const messageMediaSchema = z.looseObject({
  mime_type: z.string().nullish(),
  media_type: z.string().nullish(),
  base64: z.string().min(1),
});

/** The file in such an answer, whose long texts stand `aside`; undefined where there is none. */
export async function readFile(
  json: unknown,
  aside: TextsAside,
): Promise<{ readonly bytes: Buffer; readonly mimeType: string } | undefined> {
  const media = messageMediaSchema.safeParse(json).data;
  if (media === undefined) return undefined;
  const mimeType = (media.mime_type ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const large = aside.get(media.base64);
  return { bytes: large === undefined ? Buffer.from(media.base64, 'base64') : await bytesOfBase64(large), mimeType };
}
