import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Content } from '../../whatsapp-engine/content.ts';
import { askChatwoot, type ChatwootAccount, createTurnsByKey, idSchema, listOf } from '../chatwoot-calls.ts';
import { chatOf, type Talk } from './payloads.ts';
import { Refusal } from './refusal.ts';
import type { Session } from './world.ts';

const text = z.string().min(1);
/** Whole or not at all. */
export const appSchema = z.strictObject({
  id: text,
  session: text,
  app: z.literal('chatwoot'),
  enabled: z.boolean(),
  config: z.looseObject({
    url: z.url(),
    accountId: z.number(),
    accountToken: text,
    inboxId: z.number(),
    inboxIdentifier: text,
    locale: text,
  }),
});
export type ChatwootApp = z.output<typeof appSchema>;

export type OwnChatwoot = ReturnType<typeof createOwnChatwoot>;

/**
 * WAHA's Chatwoot app, as far as it leaves traces: contacts by their phone number alone, with source ids that are random; one conversation a
 * contact; messages without a source id, which it knows by a table of its own; what others sent as private notes; notices in a conversation of
 * its own. Text alone.
 */
export function createOwnChatwoot(log: (line: string) => void) {
  const conversations = new Map<string, number>();
  const known = new Set<string>();
  const inTurn = createTurnsByKey();

  const accountOf = ({ config }: ChatwootApp): ChatwootAccount => ({
    url: config.url,
    accountId: config.accountId,
    token: config.accountToken,
  });

  async function conversationWith(app: ChatwootApp, contact: { identifier?: string; phone_number?: string; name: string }) {
    const address = contact.phone_number ?? contact.identifier ?? '';
    const key = `${app.id} ${address}`;
    const found = conversations.get(key);
    if (found !== undefined) return found;
    const account = accountOf(app);
    const { payload } = await askChatwoot(account, listOf, 'GET', `/contacts/search?q=${encodeURIComponent(address)}`);
    const contactId =
      payload.find(({ phone_number, identifier }) => phone_number === address || identifier === address)?.id ??
      (await made(account, { inbox_id: app.config.inboxId, ...contact }));
    const sourceId = randomUUID();
    const inbox = { inbox_id: app.config.inboxId, source_id: sourceId };
    await askChatwoot(account, z.unknown(), 'POST', `/contacts/${contactId}/contact_inboxes`, inbox);
    const { id } = await askChatwoot(account, idSchema, 'POST', '/conversations', { ...inbox, contact_id: contactId });
    conversations.set(key, id);
    return id;
  }

  async function made(account: ChatwootAccount, contact: object): Promise<number> {
    const created = z.looseObject({ payload: z.looseObject({ contact: idSchema }) });
    return (await askChatwoot(account, created, 'POST', '/contacts', contact)).payload.contact.id;
  }

  const post = async (app: ChatwootApp, conversation: number, message: object): Promise<void> =>
    void (await askChatwoot(accountOf(app), z.unknown(), 'POST', `/conversations/${conversation}/messages`, message));

  async function bringIn(app: ChatwootApp, talk: Talk, words: string): Promise<void> {
    const key = `${app.id} ${talk.id}`;
    if (known.has(key)) return;
    const chat = chatOf(talk);
    const [digits = '', domain] = chat.split('@');
    const name = talk.person?.name || chat;
    const contact = domain === 'c.us' ? { phone_number: `+${digits}`, name } : { identifier: chat, name };
    const direction = talk.isOurs ? { message_type: 'outgoing', private: true } : { message_type: 'incoming' };
    await post(app, await conversationWith(app, contact), { content: words, ...direction });
    known.add(key);
  }

  return {
    /** An app that is switched on hears of every message of its session. */
    heard(session: Session, talk: Talk, content: Content): void {
      const app = appOf(session);
      if (!app?.enabled || content.type !== 'text') return;
      void inTurn(`${app.id} ${chatOf(talk)}`, () => bringIn(app, talk, content.text)).catch((error: unknown) =>
        log(String(error)),
      );
    },
    /** What it sent itself, for an agent. */
    sentItself: (app: ChatwootApp, whatsappId: string): void => void known.add(`${app.id} ${whatsappId}`),
    /** Tells people in Chatwoot that it was switched on or off. */
    async notice(app: ChatwootApp): Promise<void> {
      const notices = { identifier: 'whatsapp.integration', name: 'WhatsApp Integration' };
      const content = `WhatsApp ${app.session} ${app.enabled ? 'connected' : 'disconnected'}`;
      await post(app, await conversationWith(app, notices), { content, message_type: 'incoming' });
    },
  };
}

export const appOf = ({ apps }: Session): ChatwootApp | undefined => {
  const found = apps.find(({ app }) => app === 'chatwoot');
  return found === undefined ? undefined : appSchema.safeParse(found).data;
};

/** An app as `PUT /api/apps/:id` takes it. Throws a Refusal. */
export function readApp(id: string, body: unknown): ChatwootApp {
  const { data, error } = appSchema.safeParse({ id, ...(typeof body === 'object' ? body : {}) });
  if (data === undefined) throw new Refusal(400, z.prettifyError(error), { error: 'Bad Request' });
  if (data.id !== id) throw new Refusal(404, `App ID in path (${id}) does not match ID in body (${data.id})`);
  return data;
}

const webhookSchema = z.looseObject({
  event: z.string(),
  message_type: z.string().optional(),
  private: z.boolean().optional(),
  content: z.string().nullish(),
  conversation: z
    .looseObject({ meta: z.looseObject({ sender: z.looseObject({ phone_number: z.string().nullish() }) }) })
    .optional(),
});

/** What an agent has written, as Chatwoot tells the app, and to whom; undefined for anything else. */
export function readAgentMessage(body: unknown): { chatId: string; text: string } | undefined {
  const { data } = webhookSchema.safeParse(body);
  if (data?.event !== 'message_created' || data.message_type !== 'outgoing' || data.private) return undefined;
  const phone = data.conversation?.meta.sender.phone_number?.replace(/\D/g, '');
  return !phone || !data.content ? undefined : { chatId: `${phone}@c.us`, text: data.content };
}
