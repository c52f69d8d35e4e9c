import type { Delivery } from '../engine.ts';
import { isFields, labelOf } from '../fields.ts';
import { withoutSecrets } from '../without-secrets.ts';

/**
 * `{event, payload}`; before version 8 everything stood side by side, and there the body is handed on as it is. The webhook of the whole
 * process delivers for all of its devices: what another one has is left out, as far as it is told which it is.
 */
export function unpack({ body, name }: Pick<Delivery, 'body' | 'name'>): readonly unknown[] {
  if (!isFields(body) || !isFields(body.payload)) return [withoutSecrets(body)];
  const session = labelOf(body, 'session_id');
  if (session !== '' && session !== name && labelOf(body, 'device_id') !== name) return [];
  return [{ event: labelOf(body, 'event'), device_id: labelOf(body, 'device_id'), payload: withoutSecrets(body.payload) }];
}
