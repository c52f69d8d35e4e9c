import type { PrismaClient } from '../../../shared/database/database.ts';
import type { MessageBody, MessageEvent, Party } from '../../../shared/engines/event.ts';
import { canonicalNumber } from '../../../shared/engines/phone-number.ts';
import { shownNumber } from './identity.ts';
import { plain } from './markdown.ts';

/** The names behind the digits by which WhatsApp mentions somebody. */
export interface MentionNames {
  /** The same message with names for digits, as far as they are known. Whoever wrote it is known from now on. */
  named(event: MessageEvent): Promise<MessageEvent>;
}

const MENTION = /@(\d{5,20})(?!\d)/g;
/** Of so many members the latest name is remembered here, to write only what is new. */
const REMEMBERED = 2_000;

export function createMentionNames({ prisma, integrationId }: { prisma: PrismaClient; integrationId: string }): MentionNames {
  const written = new Map<string, string>();

  async function remember({ chat, direction, sender }: MessageEvent): Promise<void> {
    if (chat.type !== 'group' || direction !== 'incoming' || sender.name === undefined) return;
    const { name } = sender;
    for (const address of [sender.number, sender.lid]) {
      if (address === undefined || written.get(`${chat.address} ${address}`) === name) continue;
      const key = { integrationId, chat: chat.address, address };
      await prisma.bridgeMember.upsert({
        where: { integrationId_chat_address: key },
        create: { ...key, name },
        update: { name, seenAt: new Date() },
      });
      if (written.size >= REMEMBERED) written.clear();
      written.set(`${chat.address} ${address}`, name);
    }
  }

  async function namesIn(text: string, { chat, mentions = [] }: MessageEvent): Promise<Map<string, string>> {
    const digits = new Set([...text.matchAll(MENTION)].map(([, told = '']) => told));
    const names = new Map<string, string>();
    if (digits.size === 0) return names;
    const persons = [...digits].map((told) => [told, mentions.find((party) => isAt(party, told))] as const);
    const addresses = persons.flatMap(([told, party]) => [told, `${told}@lid`, canonicalNumber(told), party?.number, party?.lid]);
    const where = { integrationId, address: { in: addresses.filter((address) => address !== undefined) } };
    const members = await prisma.bridgeMember.findMany({ where: { ...where, chat: chat.address } });
    const contacts = await prisma.bridgeContact.findMany({ where, select: { address: true, nameSeen: true } });
    const known = [...members, ...contacts.map(({ address, nameSeen: name }) => ({ address, name }))];
    for (const [told, party] of persons) {
      const person = party ?? { number: told, lid: `${told}@lid` };
      const found = known.find(({ address, name }) => name !== '' && isAt(person, address.replace(/@lid$/, '')));
      const name = party?.name ?? found?.name ?? (party === undefined ? '' : shownNumber(party));
      if (name !== '') names.set(told, plain(name));
    }
    return names;
  }

  return {
    async named(event) {
      await remember(event);
      const text = textOf(event.body);
      const names = text === undefined ? new Map<string, string>() : await namesIn(text, event);
      if (text === undefined || names.size === 0) return event;
      const named = text.replace(MENTION, (mention, digits: string) => {
        const name = names.get(digits);
        return name === undefined ? mention : `@${name}`;
      });
      return { ...event, body: withText(event.body, named) };
    },
  };
}

const isAt = ({ number, lid }: Party, digits: string): boolean =>
  (number !== undefined && canonicalNumber(number) === canonicalNumber(digits)) || lid === `${digits}@lid`;

const textOf = (body: MessageBody): string | undefined =>
  body.type === 'text' ? body.text : body.type === 'media' ? body.caption : undefined;

function withText(body: MessageBody, text: string): MessageBody {
  if (body.type === 'text') return { ...body, text };
  return body.type === 'media' ? { ...body, caption: text } : body;
}
