import { z } from 'zod';
import { parseJson } from '../../../http/parse-json.ts';
import type { HistoryCall, HistoryOutcome } from '../../engine.ts';
import { unreachable } from '../../engine-errors.ts';
import { MEBIBYTE } from '../../limits.ts';
import { payloadsOf } from '../events/payload.ts';
import { failed, readingOf } from './answer.ts';
import { request } from './request.ts';

/** Messages a page: without their files, some kilobytes each. */
const PAGE = 100;
const MAX_BYTES = 16 * MEBIBYTE;

const pageSchema = z.object({
  messages: z.object({ pages: z.number(), records: z.array(z.unknown()) }),
});
const cursorSchema = z.coerce.number().int().min(1);

/**
 * `POST /chat/findMessages`: what the engine keeps in its database, newest first, `offset` messages a page (that is its name for the size).
 * It keeps none where its owner has switched that off, and answers an empty list as for a phone that nobody has written to.
 */
export async function readHistory(call: HistoryCall): Promise<HistoryOutcome> {
  const page = cursorSchema.catch(1).parse(call.cursor ?? 1);
  // Of two bounds both have to be there, or it heeds none.
  const messageTimestamp = { gte: call.since.toISOString(), lte: call.until.toISOString() };
  const json = { where: { messageTimestamp }, page, offset: PAGE };
  const reply = await request(call, { method: 'POST', path: '/chat/findMessages', json, maxResponseBytes: MAX_BYTES });
  const answer = readingOf(call, reply);
  if (answer.kind === 'failed') return answer;
  const told = answer.cut ? undefined : pageSchema.safeParse(parseJson(answer.body)).data?.messages;
  if (told === undefined) return failed(unreachable(call.access, 'it did not answer a list of messages'));
  const payloads = told.records.flatMap((data) => payloadsOf({ event: 'messages.upsert', data }));
  return { kind: 'page', payloads, next: page < told.pages && told.records.length > 0 ? String(page + 1) : undefined };
}
