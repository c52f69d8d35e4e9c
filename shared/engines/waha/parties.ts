import type { Chat, Party } from '../event.ts';
import { type Fields, fieldsOf, isTrue, labelOf } from '../fields.ts';
import { addressText, partyOf, personName, readAddress } from '../jid.ts';
import { type MessageName, readName } from './ids.ts';

/** Whose message it is, and where it stands. */
export interface Place {
  readonly id: string;
  readonly direction: 'incoming' | 'outgoing';
  readonly chat: Chat;
  readonly sender: Party;
}

/**
 * Reads the place of a message from its name; `_data` adds what the three engines below WAHA tell of the other address of a person: `key` of
 * Baileys (NOWEB), `Info` of whatsmeow (GOWS), the fields themselves (WEBJS). Undefined where no chat is told.
 */
export function readPlace(payload: Fields): Place | undefined {
  const data = fieldsOf(payload._data);
  const key = fieldsOf(data.key);
  const info = fieldsOf(data.Info);
  const name = readName(labelOf(payload, 'id'));
  const isOurs = name.chat === '' ? isTrue(payload, 'fromMe') : name.isOurs;
  const pushName = personName(labelOf(data, 'pushName', 'notifyName') || labelOf(info, 'PushName'));
  const beside = isOurs
    ? [labelOf(key, 'remoteJidAlt'), labelOf(info, 'RecipientAlt')]
    : [labelOf(key, 'remoteJidAlt', 'senderPn'), labelOf(key, 'senderLid'), labelOf(info, 'SenderAlt')];
  const chat = readChat(
    name.chat || labelOf(payload, ...(isOurs ? (['to', 'from'] as const) : (['from'] as const))),
    beside,
    isOurs ? undefined : pushName,
  );
  if (chat === undefined) return undefined;
  return { id: name.id, direction: isOurs ? 'outgoing' : 'incoming', chat, sender: senderOf() };

  function senderOf(): Party {
    // What is sent from the phone itself carries the name of its owner.
    if (isOurs) return { name: pushName };
    if (chat?.type === 'private') return { number: chat.number, lid: chat.lid, name: pushName };
    return memberOf(payload, name, pushName);
  }
}

function memberOf(payload: Fields, name: MessageName, pushName: string | undefined): Party {
  const data = fieldsOf(payload._data);
  const key = fieldsOf(data.key);
  const info = fieldsOf(data.Info);
  const told = [
    labelOf(payload, 'participant'),
    name.participant,
    labelOf(key, 'participant'),
    labelOf(key, 'participantAlt', 'participantPn'),
    labelOf(key, 'participantLid'),
    labelOf(info, 'Sender'),
    labelOf(info, 'SenderAlt'),
    labelOf(data, 'author'),
  ];
  return partyOf(told, pushName);
}

/** A chat by its JID, and the other ones of the same person. */
export function readChat(jid: string, beside: readonly string[] = [], name?: string): Chat | undefined {
  const address = readAddress(jid, 'number');
  if (address === undefined) return undefined;
  if (address.type !== 'number' && address.type !== 'lid') return { type: address.type, address: addressText(address) };
  const party = partyOf([jid, ...beside], name);
  const either = party.number ?? party.lid;
  return either === undefined ? undefined : { ...party, type: 'private', address: either };
}
