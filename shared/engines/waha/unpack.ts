import type { Delivery } from '../engine.ts';
import { fieldsOf, isFields, labelOf } from '../fields.ts';
import { withoutSecrets } from '../without-secrets.ts';

/** Large, or able to open what WhatsApp stores; nothing of it is read. */
const BALLAST =
  /^(?:jpegThumbnail|thumbnail(?:DirectPath|Sha256|EncSha256)?|mediaKey(?:Timestamp)?|file(?:Enc)?Sha256|streamingSidecar|waveform|messageSecret|deviceListMetadata|scansSidecar|midQualityFileSha256)$/i;

/**
 * The envelope without what is the same in all of them. A webhook may be shared by several sessions: events of another one are left out.
 */
export function unpack({ body, name }: Pick<Delivery, 'body' | 'name'>): readonly unknown[] {
  if (!isFields(body) || !isFields(body.payload) || labelOf(body, 'event') === '') return [withoutSecrets(body)];
  const session = labelOf(body, 'session');
  if (session !== '' && session !== name) return [];
  const { id, event, timestamp, payload } = body;
  const engine = labelOf(body, 'engine') || labelOf(fieldsOf(body.environment), 'engine');
  return [withoutSecrets({ id, event, timestamp, engine, payload }, { also: BALLAST })];
}
