import type { EngineKind } from '../../../shared/engines/registry.ts';

/** A delivery as the documents and the source of an engine show it, and what it tells: nothing where it carries no event. */
export interface EngineExample {
  readonly kind: EngineKind;
  readonly title: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly events: readonly object[];
}

/** What the instance of all examples is called in its engine. */
export const EXAMPLE_NAMES: Readonly<Record<EngineKind, string>> = {
  ryzeapi: 'loja',
  evolution: 'loja',
  cloud: '106540352242922',
  waha: 'default',
  whatsmeow: 'loja',
  gowa: 'loja',
};
/** Stands wherever an engine puts a secret. */
export const EXAMPLE_SECRET = 'SecretOfTheExampleMarker';

export type Json = Readonly<Record<string, unknown>>;
/** An example of one event, in the words of the engine. */
export type Short = readonly [title: string, told: Json, event: object];

export const ANA = '5511900000001@s.whatsapp.net';
export const ANA_C_US = '5511900000001@c.us';
export const GROUP = '120363000000000001@g.us';
export const VCARD = 'BEGIN:VCARD\nVERSION:3.0\nFN:Bruno\nTEL;type=CELL;waid=5511900000002:+55 11 90000-0002\nEND:VCARD';
/** What a text is read as. */
export const said = (text: string): object => ({ kind: 'message', body: { type: 'text', text } });
/** The chat with Ana. */
export const inPrivate = { type: 'private', number: '5511900000001' };
/** What the card above is read as. */
export const bruno = {
  kind: 'message',
  body: { type: 'contacts', contacts: [{ name: 'Bruno', phones: ['+55 11 90000-0002'] }] },
};
