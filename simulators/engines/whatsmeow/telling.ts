import { createHmac } from 'node:crypto';
import type { Content } from '../../whatsapp-engine/content.ts';
import type { Deliveries } from '../deliveries.ts';
import { chatOf, fileOf, mediaKeyOf, messageOf, receiptOf, type Talk } from './payloads.ts';
import type { Flavour, Session } from './world.ts';

type Json = Record<string, unknown>;

export interface TellingOptions {
  readonly flavour: Flavour;
  /** How wuzapi delivers: by its default as a form. */
  readonly transport: 'form' | 'json';
  /** Whether files stand in the events. */
  readonly sendsFiles: () => boolean;
}

/** What evolution-go is subscribed to for an event. */
const SUBJECTS: Readonly<Record<string, string>> = {
  Message: 'MESSAGE',
  SendMessage: 'SEND_MESSAGE',
  Receipt: 'READ_RECEIPT',
  Connected: 'CONNECTION',
  LoggedOut: 'CONNECTION',
};

/** What happens on WhatsApp, in the words of either. */
export function createTelling(deliveries: Deliveries, { flavour, transport, sendsFiles }: TellingOptions) {
  const isWuzapi = flavour === 'wuzapi';

  function tell(session: Session, name: string, data: Json, more: Json = {}): void {
    const { webhook, events, hmacKey } = session;
    const subject = isWuzapi ? name : (SUBJECTS[name] ?? name);
    if (webhook === '' || !(events.includes(subject) || events.includes(isWuzapi ? 'All' : 'ALL'))) return;
    if (!isWuzapi) {
      const secrets = { instanceToken: session.token, instanceId: 'b7c1', instanceName: session.name };
      return void deliveries.send({
        url: webhook,
        body: JSON.stringify({ event: name, data, ...more, ...secrets }),
        headers: {},
      });
    }
    const told = { type: name, event: data, ...more };
    const who = { instanceName: session.name, userID: '7' };
    const isForm = transport === 'form';
    const body = isForm
      ? new URLSearchParams({ instanceName: who.instanceName, jsonData: JSON.stringify(told), userID: who.userID }).toString()
      : JSON.stringify({ ...told, ...who });
    const headers: Record<string, string> = isForm ? { 'content-type': 'application/x-www-form-urlencoded' } : {};
    if (hmacKey !== '') headers['x-hmac-signature'] = createHmac('sha256', hmacKey).update(body).digest('hex');
    deliveries.send({ url: webhook, body, headers });
  }

  function happen(session: Session, talk: Talk, content: Content, name = 'Message'): void {
    const file = fileOf(content);
    session.messages.set(talk.id, { chat: chatOf(talk), isOurs: talk.isOurs });
    if (file !== undefined) session.files.set(mediaKeyOf(talk.id), file);
    const data = messageOf(session, talk, content, file);
    if (!isWuzapi) delete data.RawMessage;
    if (file === undefined || !sendsFiles()) return void tell(session, name, data);
    const base64 = file.bytes.toString('base64');
    // One beside the event, the other within its message.
    if (isWuzapi) return void tell(session, name, data, { base64, mimeType: file.mimeType, fileName: `${talk.id}.tmp` });
    tell(session, name, { ...data, Message: { ...(data.Message as Json), base64 } });
  }

  return {
    tell,
    happen,
    receipt(session: Session, id: string, status: 'delivered' | 'read'): void {
      const chat = session.messages.get(id)?.chat;
      if (chat === undefined) return;
      const data = receiptOf(chat, id, status === 'read' ? 'read' : '');
      tell(session, isWuzapi ? 'ReadReceipt' : 'Receipt', data, { state: status === 'read' ? 'Read' : 'Delivered' });
    },
  };
}
export type Telling = ReturnType<typeof createTelling>;
