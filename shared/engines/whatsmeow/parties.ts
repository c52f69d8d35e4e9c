import { hashOf } from '../../content-hash.ts';
import type { Chat, Party } from '../event.ts';
import { dateOf, type Fields, fieldsOf, idOf, isTrue, labelOf } from '../fields.ts';
import { addressText, partyOf, personName, readAddress } from '../jid.ts';

/** What whatsmeow's `MessageSource` tells of where something happened: `Alt` is the other address of the same person. */
export function readChat(source: Fields, name?: string): Chat | undefined {
  const isOurs = isTrue(source, 'IsFromMe');
  const jid = labelOf(source, 'Chat');
  const address = readAddress(jid, 'number');
  if (address === undefined) return undefined;
  if (address.type !== 'number' && address.type !== 'lid') return { type: address.type, address: addressText(address) };
  // The sender of what goes out is the phone itself.
  const beside = isOurs ? [labelOf(source, 'RecipientAlt')] : [labelOf(source, 'Sender'), labelOf(source, 'SenderAlt')];
  const { number, lid } = partyOf([jid, ...beside]);
  const either = number ?? lid;
  return either === undefined ? undefined : { type: 'private', address: either, number, lid, name: isOurs ? undefined : name };
}

/** Where a message stands and whose it is; `data` is the event with its `Info`. Undefined where no chat is told. */
export function readPlace(data: Fields) {
  const info = fieldsOf(data.Info);
  const isOurs = isTrue(info, 'IsFromMe');
  const name = personName(labelOf(info, 'PushName'));
  const chat = readChat(info, name);
  if (chat === undefined) return undefined;
  const group = labelOf(fieldsOf(data.groupData), 'Name');
  return {
    id: idOf(info, 'ID', 'id') || hashOf(data),
    direction: isOurs ? ('outgoing' as const) : ('incoming' as const),
    sentAt: dateOf(info, 'Timestamp'),
    chat: chat.type === 'group' && group !== '' ? { ...chat, name: group } : chat,
    sender: senderOf(),
    source: '',
  };

  function senderOf(): Party {
    // On what was typed on the phone itself, the name is that of its owner.
    if (isOurs) return { name };
    return partyOf([labelOf(info, 'Sender'), labelOf(info, 'SenderAlt')], name);
  }
}
