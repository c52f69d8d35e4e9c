import { hashOf } from '../../../content-hash.ts';
import type { Media, MessageBody, WhatsappEvent } from '../../event.ts';
import { type Fields, fieldsOf, labelOf, listOf, textOf } from '../../fields.ts';
import { readBase64, usableUrls } from '../../media-fields.ts';
import { type ProtoContent, readContent } from '../../whatsapp-proto/content.ts';
import { type ProtoKey, readKey } from '../../whatsapp-proto/key.ts';
import { readEnum, readTime } from '../../whatsapp-proto/values.ts';
import { fileReference } from './file-reference.ts';
import type { Envelope } from './read-event.ts';

/** `messages.upsert` and `send.message`: both have the same shape, and some versions tell of one message by both. */
export function readMessage({ name, data }: Envelope): WhatsappEvent | undefined {
  const key = readKey(data.key, labelOf(data, 'pushName'));
  if (key === undefined) return undefined;
  const common = commonOf(key, data);
  const content = contentOf(data, key);
  if (content.kind === 'nothing') return readStub(common, data) ?? { kind: 'other', name: `${name} ${content.name}` };
  return { ...common, ...content };
}

type Common = ProtoKey & { readonly sentAt: Date | undefined; readonly source: '' };

/** No hint of the engine about its own messages is believed: they are known by their ids. */
const commonOf = (key: ProtoKey, data: Fields): Common => ({
  ...key,
  id: key.id || hashOf(data),
  sentAt: readTime(data.messageTimestamp),
  source: '',
});

function contentOf(data: Fields, key: ProtoKey): ProtoContent {
  const message = fieldsOf(data.message);
  const file: Pick<Media, 'base64' | 'urls' | 'reference'> = {
    base64: readBase64(message.base64 ?? data.base64),
    urls: usableUrls([textOf(message, 'mediaUrl'), textOf(data, 'mediaUrl')]),
    reference: fileReference(data.key, message),
  };
  return readContent(message, { file, context: data.contextInfo, vote: voteOf(data, key) });
}

/** The engine tells the poll's whole count: what the sender chose is where the sender is among the voters. */
function voteOf(data: Fields, { sender, direction }: ProtoKey): { question: string; options: readonly string[] } | undefined {
  const tally = listOf(data.pollUpdates);
  if (tally.length === 0) return undefined;
  const isVoter = (voter: unknown): boolean => {
    const user = /^[^:@]*/.exec(labelOf({ voter }, 'voter'))?.[0];
    if (direction === 'outgoing') return user === 'me';
    return user !== '' && [sender.number, sender.lid?.replace(/@lid$/, '')].includes(user);
  };
  const chosen = tally.filter(({ voters }) => Array.isArray(voters) && voters.some(isVoter));
  return { question: '', options: chosen.map((option) => labelOf(option, 'name')).filter((name) => name !== '') };
}

const STUBS = {
  1: 'REVOKE',
  2: 'CIPHERTEXT',
  40: 'CALL_MISSED_VOICE',
  41: 'CALL_MISSED_VIDEO',
  45: 'CALL_MISSED_GROUP_VOICE',
  46: 'CALL_MISSED_GROUP_VIDEO',
} as const;

/** What WhatsApp puts into a chat in place of a message. */
function readStub(common: Common, data: Fields): WhatsappEvent | undefined {
  const stub = readEnum(data.messageStubType, STUBS);
  switch (stub) {
    case 'REVOKE':
      return { kind: 'revoke', ...common, originalId: common.id };
    case 'CIPHERTEXT': {
      const body: MessageBody = { type: 'placeholder' };
      return { kind: 'message', ...common, body, forwarded: false };
    }
    case '':
      return undefined;
    default: {
      const { id, chat, direction } = common;
      return { kind: 'call', id, chat, direction, video: stub.endsWith('VIDEO') };
    }
  }
}
