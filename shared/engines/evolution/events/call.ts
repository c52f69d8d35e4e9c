import { hashOf } from '../../../content-hash.ts';
import type { WhatsappEvent } from '../../event.ts';
import { idOf, isTrue, labelOf } from '../../fields.ts';
import { partyOf } from '../../jid.ts';
import type { Envelope } from './read-event.ts';

/** A call that rings, and then everything that becomes of it: all under one id. */
export function readCall({ data }: Envelope): WhatsappEvent | undefined {
  const { number, lid } = partyOf([labelOf(data, 'from', 'chatId'), labelOf(data, 'callerPn'), labelOf(data, 'chatId')]);
  const address = number ?? lid;
  if (address === undefined) return undefined;
  return {
    kind: 'call',
    id: idOf(data, 'id') || hashOf(data),
    chat: { type: 'private', address, number, lid },
    direction: 'incoming',
    video: isTrue(data, 'isVideo'),
  };
}
