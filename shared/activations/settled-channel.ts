import type { z } from 'zod';
import { parseJson } from '../http/parse-json.ts';
import { endedRow } from './outcome.ts';

/**
 * The channel on which whoever ends an activation tells so, in the statement or transaction that ends it. The payload is its id; where it
 * succeeded, the row as `endedRow` has it, so that who waits for it need not ask.
 */
export const ACTIVATION_SETTLED_CHANNEL = 'ponte_activation_settled';

/** PostgreSQL takes payloads of less than 8,000 bytes. */
export const LONGEST_NOTICE_BYTES = 7_900;

/** Whose end a payload tells of, and what its row says where that is told as well. */
export function readNotice(payload: string): { readonly id: string; readonly row: z.infer<typeof endedRow> | undefined } {
  const row = endedRow.safeParse(parseJson(payload)).data;
  return { id: row?.id ?? payload, row };
}
