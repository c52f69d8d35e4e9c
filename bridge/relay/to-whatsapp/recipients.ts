import type { PrismaClient } from '../../../shared/database/database.ts';
import { spellingsOf } from '../../../shared/engines/phone-number.ts';
import { canonicalPhone, type Recipient, recipientOf } from './recipient.ts';
import type { AgentMessage } from './webhook-event.ts';

export interface Recipients {
  /** Who an agent's message is for. */
  of(integrationId: string, message: Pick<AgentMessage, 'conversationId' | 'contact'>): Promise<Recipient>;
}

/** Finds out who agents' messages are for, by what the relay has noted of conversations and contacts. */
export function createRecipients({ prisma }: { prisma: PrismaClient }): Recipients {
  const addresses = prisma.bridgeConversationAddress;

  async function lastWriter(integrationId: string, conversationId: number): Promise<string | undefined> {
    const last = await addresses.findFirst({
      where: { integrationId, conversationId, wroteAt: { not: null } },
      orderBy: { wroteAt: 'desc' },
      select: { replyTo: true },
    });
    return last?.replyTo;
  }

  /** Of an account that was made with an older spelling only that one may be reachable. */
  async function phoneAsTold(integrationId: string, phoneNumber: string): Promise<string | undefined> {
    const canonical = canonicalPhone(phoneNumber);
    if (canonical === undefined) return undefined;
    const spellings = [...spellingsOf(canonical)];
    const told = await addresses.findFirst({
      where: { integrationId, address: { in: spellings }, replyTo: { in: spellings } },
      orderBy: { wroteAt: { sort: 'desc', nulls: 'last' } },
      select: { replyTo: true },
    });
    if (told !== null) return told.replyTo;
    const known = await prisma.bridgeContact.findFirst({
      where: { integrationId, address: canonical, sourceId: { in: spellings } },
      select: { sourceId: true },
    });
    return known?.sourceId;
  }

  async function isSourceIdOurs(integrationId: string, { id: contactId, sourceId }: AgentMessage['contact']): Promise<boolean> {
    if (contactId === undefined) return false;
    return (await prisma.bridgeContact.count({ where: { integrationId, contactId, sourceId } })) > 0;
  }

  return {
    async of(integrationId, { conversationId, contact }) {
      const writer = await lastWriter(integrationId, conversationId);
      const [told, isOurs] =
        writer === undefined
          ? await Promise.all([phoneAsTold(integrationId, contact.phoneNumber), isSourceIdOurs(integrationId, contact)])
          : [undefined, false];
      const { sourceId, identifier, phoneNumber } = contact;
      return recipientOf({
        lastWriter: writer,
        contact: { identifier, phoneNumber },
        phoneAsTold: told,
        sourceId: sourceId.trim(),
        isSourceIdOurs: isOurs,
      });
    },
  };
}
