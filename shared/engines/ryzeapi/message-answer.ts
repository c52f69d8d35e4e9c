import { z } from 'zod';

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

/** The file in such an answer; undefined where there is none. */
export function readFile(json: unknown): { readonly bytes: Buffer; readonly mimeType: string } | undefined {
  const media = messageMediaSchema.safeParse(json).data;
  if (media === undefined) return undefined;
  const mimeType = (media.mime_type ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return { bytes: Buffer.from(media.base64, 'base64'), mimeType };
}
