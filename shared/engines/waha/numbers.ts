import { hashOf } from '../../content-hash.ts';
import type { EngineCall } from '../engine.ts';
import { fieldsOf, labelOf } from '../fields.ts';
import { chatIdOf } from './ids.ts';
import { callWaha } from './request.ts';

const MOST_KNOWN = 5_000;
const KNOWN_FOR_MS = 3_600_000;
const TIMEOUT_MS = 8_000;

/** Asked again for every message, WhatsApp would take us for somebody who looks for numbers. Keys are hashes of engine, session and number. */
const known = new Map<string, { readonly chatId: string; readonly untilMs: number }>();

/**
 * The spelling in which WhatsApp has that number (in Brazil with or without a ninth digit); undefined where it is not on WhatsApp. An address
 * that is no number, and one that cannot be asked about now, is taken as it is.
 */
export async function numberOnWhatsapp(call: EngineCall, chatId: string): Promise<string | undefined> {
  if (!chatId.endsWith('@c.us')) return chatId;
  const key = hashOf([call.access.url, call.access.token, call.instance, chatId]);
  const found = known.get(key);
  if (found !== undefined && found.untilMs > Date.now()) return found.chatId;
  const query = new URLSearchParams({ phone: chatId.replace(/@.*$/, ''), session: call.instance });
  const answer = await callWaha(
    { ...call, timeoutMs: Math.min(TIMEOUT_MS, call.timeoutMs) },
    { method: 'GET', path: `/api/contacts/check-exists?${query}`, isHarmless: true },
  );
  const fields = answer.ok ? fieldsOf(answer.json) : {};
  if (fields.numberExists === false) return undefined;
  const told = fields.numberExists === true ? chatIdOf(labelOf(fields, 'chatId')) : undefined;
  if (told === undefined) return chatId;
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(key, { chatId: told, untilMs: Date.now() + KNOWN_FOR_MS });
  return told;
}
