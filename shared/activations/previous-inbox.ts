import { z } from 'zod';

/** The inbox of which an integration has moved away and which stays in Chatwoot with its history, as clients are told of it. */
export const previousInboxSchema = z.object({
  id: z.number().int(),
  name: z.string(),
  chatwoot_base_url: z.string(),
  chatwoot_account_id: z.number().int(),
  /** What became of it, and what to do. */
  message: z.string(),
});
export type PreviousInbox = z.infer<typeof previousInboxSchema>;

/** What a row says of it; undefined where it says nothing. */
export const readPreviousInbox = (column: unknown): PreviousInbox | undefined => previousInboxSchema.safeParse(column).data;
