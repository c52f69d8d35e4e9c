import { z } from 'zod';
import type { SentMessage } from '../engine-simulator.ts';
import { newApiId, Refusal, type Session } from './world.ts';

export interface SendingRules {
  readonly unknownNumbers: readonly string[];
}

export function read<Value>(schema: z.ZodType<Value>, body: unknown): Value {
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw new Refusal(400, `could not decode Payload: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** Both take it from there: their client is asked for before anything else is. */
export function working(session: Session, isWuzapi: boolean): Session {
  if (!session.isConnected || !session.isLoggedIn) throw new Refusal(500, isWuzapi ? 'no session' : 'client disconnected');
  return session;
}

export function jidOf(address: string, { unknownNumbers }: SendingRules): string {
  const jid = address.includes('@') ? address : `${address.replace(/^\+/, '')}@s.whatsapp.net`;
  if (!/^[\w-]+@(?:s\.whatsapp\.net|g\.us|lid|newsletter)$/.test(jid)) throw new Refusal(400, 'could not parse Phone');
  if (unknownNumbers.includes(jid.replace(/@.*$/, '')))
    throw new Refusal(500, `error sending message: no LID found for ${jid} from server`);
  return jid;
}

const addressOf = (jid: string): string => jid.replace(/@s\.whatsapp\.net$/, '');

/** A message that leaves; under an id that it has had already, WhatsApp takes it for the same. */
export function sendNow(
  session: Session,
  jid: string,
  sent: Omit<SentMessage, 'id' | 'to'>,
  id: string | undefined,
): SentMessage {
  const message = { ...sent, id: id || newApiId(), to: addressOf(jid) };
  if (!session.messages.has(message.id)) session.sent.push(message);
  session.messages.set(message.id, { chat: jid, isOurs: true });
  return message;
}

export function dataUrl(text: string, head: RegExp, complaint: string): { mimeType: string; bytes: Buffer } {
  const [, mimeType = '', base64 = ''] = /^data:([^;,]*)[^,]*,(.+)$/s.exec(text) ?? [];
  if (!head.test(text) || base64 === '') throw new Refusal(400, complaint);
  return { mimeType, bytes: Buffer.from(base64, 'base64') };
}
