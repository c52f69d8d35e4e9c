import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Message } from '../../whatsapp-engine/rows.ts';
import { askChatwoot, createTurnsByKey, idSchema, listOf } from '../chatwoot-calls.ts';
import type { EvolutionInstance, StoredChatwoot } from './world.ts';

/**
 * The engine's own Chatwoot integration, as far as it leaves traces: contacts by their JID, with source ids that are random; one conversation
 * a contact; messages under `WAID:<id>`. Text alone.
 */
export function createOwnChatwoot() {
  const inboxes = new Map<string, number>();
  const conversations = new Map<string, number>();
  const inTurn = createTurnsByKey();

  async function inboxOf({ name }: EvolutionInstance, chatwoot: StoredChatwoot): Promise<number> {
    const known = inboxes.get(name);
    if (known !== undefined) return known;
    const { payload } = await askChatwoot(chatwoot, listOf, 'GET', '/inboxes');
    const found = payload.find((inbox) => inbox.name === chatwoot.nameInbox);
    if (found === undefined) throw new Error(`there is no inbox ${chatwoot.nameInbox}`);
    inboxes.set(name, found.id);
    return found.id;
  }

  async function contactAt(chatwoot: StoredChatwoot, identifier: string): Promise<number | undefined> {
    const { payload } = await askChatwoot(chatwoot, listOf, 'GET', `/contacts/search?q=${encodeURIComponent(identifier)}`);
    return payload.find((contact) => contact.identifier === identifier)?.id;
  }

  async function makeContact(chatwoot: StoredChatwoot, values: unknown): Promise<number> {
    const created = z.looseObject({ payload: z.looseObject({ contact: idSchema }) });
    return (await askChatwoot(chatwoot, created, 'POST', '/contacts', values)).payload.contact.id;
  }

  async function conversationOf(instance: EvolutionInstance, chatwoot: StoredChatwoot, { chat }: Message): Promise<number> {
    const key = `${instance.name} ${chat.jid}`;
    const known = conversations.get(key);
    if (known !== undefined) return known;
    const inboxId = await inboxOf(instance, chatwoot);
    const digits = chat.jid.replace(/@.*$/, '');
    const person = chat.type === 'private' ? { phone_number: `+${digits}` } : {};
    const values = { inbox_id: inboxId, name: chat.name || digits, identifier: chat.jid, ...person };
    const contactId = (await contactAt(chatwoot, chat.jid)) ?? (await makeContact(chatwoot, values));
    const sourceId = randomUUID();
    await askChatwoot(chatwoot, z.unknown(), 'POST', `/contacts/${contactId}/contact_inboxes`, {
      inbox_id: inboxId,
      source_id: sourceId,
    });
    const begun = { source_id: sourceId, inbox_id: inboxId, contact_id: contactId };
    const { id } = await askChatwoot(chatwoot, idSchema, 'POST', '/conversations', begun);
    conversations.set(key, id);
    return id;
  }

  async function post(instance: EvolutionInstance, chatwoot: StoredChatwoot, message: Message): Promise<void> {
    const { content } = message;
    if (content.type !== 'text') return;
    const id = await conversationOf(instance, chatwoot, message);
    await askChatwoot(chatwoot, z.unknown(), 'POST', `/conversations/${id}/messages`, {
      content: content.text,
      message_type: message.direction,
      source_id: `WAID:${message.id}`,
    });
  }

  return {
    /** Brings a message into Chatwoot where it is switched on; resolves when that is over, however it ended. */
    async mirror(instance: EvolutionInstance, message: Message, log: (line: string) => void): Promise<void> {
      const { chatwoot } = instance;
      if (!chatwoot?.enabled) return;
      const key = `${instance.name} ${message.chat.jid}`;
      await inTurn(key, () => post(instance, chatwoot, message)).catch((error: unknown) => log(String(error)));
    },
  };
}

const webhookSchema = z.looseObject({
  event: z.string(),
  message_type: z.string().optional(),
  private: z.boolean().optional(),
  content: z.string().nullish(),
  source_id: z.string().nullish(),
  conversation: z
    .looseObject({ meta: z.looseObject({ sender: z.looseObject({ identifier: z.string().nullish() }) }) })
    .optional(),
});

/** What an agent has written, as Chatwoot tells the engine, and to whom; undefined for anything else. */
export function readAgentMessage(body: unknown): { jid: string; text: string } | undefined {
  const { data } = webhookSchema.safeParse(body);
  if (data?.event !== 'message_created' || data.message_type !== 'outgoing' || data.private) return undefined;
  const jid = data.conversation?.meta.sender.identifier;
  if (data.source_id?.startsWith('WAID:') || !jid || !data.content) return undefined;
  return { jid, text: data.content };
}
