import { shortId } from '../../text/short-id.ts';
import { jidOf } from '../jid.ts';

const ID_LENGTH = 600;

/** `{fromMe}_{chat}_{id}[_{participant}]`, in which WAHA writes what a message is called. */
export interface MessageName {
  readonly isOurs: boolean;
  /** JID; empty where only the id itself is told. */
  readonly chat: string;
  /** What WhatsApp calls it: the only part that is the same in every event and answer. */
  readonly id: string;
  readonly participant: string;
}

export function readName(text: string): MessageName {
  const [, fromMe, chat = '', id = '', participant = ''] = /^(true|false)_([^_]+@[^_]+)_([^_]+)(?:_(.+))?$/.exec(text) ?? [];
  const isNamed = fromMe !== undefined;
  return { isOurs: fromMe === 'true', chat, id: shortId(isNamed ? id : text, ID_LENGTH), participant };
}

/** The id of a message, from its full name or itself. */
export const bareId = (text: string): string => readName(text).id;

/** As WAHA takes it for what is done to a message. */
export const nameOf = ({ isOurs, chat, id, participant }: MessageName): string =>
  [String(isOurs), chat, id, ...(participant === '' ? [] : [participant])].join('_');

/** Where a message goes, in WAHA's spelling: `…@c.us` for a number. Undefined for an address that it does not know. */
export const chatIdOf = (address: string): string | undefined => jidOf(address, 'c.us');
