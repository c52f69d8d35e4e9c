import type { Chat, Party } from '../event.ts';
import { type Fields, idOf, isTrue, labelOf } from '../fields.ts';
import { addressText, partyOf, personName, readAddress } from '../jid.ts';
import { loweredFields } from './lowered.ts';

/** Whose message it is, and where it stands. */
export interface ProtoKey {
  /** Empty where none is told. */
  readonly id: string;
  readonly direction: 'incoming' | 'outgoing';
  readonly chat: Chat;
  readonly sender: Party;
}

/**
 * `MessageKey` of a message as Baileys writes it, with what each of its versions puts beside: `remoteJidAlt`, `participantAlt`, before them
 * `senderPn`, `senderLid`, `participantPn`, `participantLid`. `pushName` is that of the sender. Undefined where no chat is told.
 */
export function readKey(key: unknown, pushName: string): ProtoKey | undefined {
  const fields = loweredFields(key);
  const isOutgoing = isTrue(fields, 'fromme');
  const name = personName(pushName);
  const chat = readProtoChat(fields, isOutgoing, name);
  if (chat === undefined) return undefined;
  return { id: idOf(fields, 'id'), direction: isOutgoing ? 'outgoing' : 'incoming', chat, sender: senderOf() };

  function senderOf(): Party {
    // On what was sent from the phone itself, the name is that of its owner.
    if (isOutgoing) return { name };
    if (chat?.type === 'private') return { number: chat.number, lid: chat.lid, name };
    return partyOf(labels(fields, 'participant', 'participantalt', 'participantpn', 'participantlid'), name);
  }
}

const labels = (fields: Fields, ...names: readonly string[]): string[] => names.map((name) => labelOf(fields, name));

/** What `senderPn` says of a message from this phone is the phone itself. */
function readProtoChat(fields: Fields, isOutgoing: boolean, name: string | undefined): Chat | undefined {
  const address = readAddress(labelOf(fields, 'remotejid'), 'number');
  if (address === undefined) return undefined;
  if (address.type !== 'number' && address.type !== 'lid') return { type: address.type, address: addressText(address) };
  const { number, lid } = partyOf(labels(fields, 'remotejid', 'remotejidalt', ...(isOutgoing ? [] : ['senderpn', 'senderlid'])));
  const either = number ?? lid;
  return either === undefined
    ? undefined
    : { type: 'private', address: either, number, lid, name: isOutgoing ? undefined : name };
}
