import type { WhatsappEvent } from '../../event.ts';
import { labelOf } from '../../fields.ts';
import { addressText, personName, readAddress } from '../../jid.ts';
import type { Envelope } from './read-event.ts';

export function readGroup({ data }: Envelope): WhatsappEvent | undefined {
  const address = readAddress(labelOf(data, 'id', 'groupJid', 'jid'), 'group');
  if (address?.type !== 'group') return undefined;
  return { kind: 'group', chat: { type: 'group', address: addressText(address), name: personName(labelOf(data, 'subject')) } };
}
