import type { Delivery } from '../engine.ts';
import { isFields, labelOf } from '../fields.ts';
import { withoutSecrets } from '../without-secrets.ts';

/** `{event, payload}`; before version 8 everything stood side by side, and there the body is handed on as it is. */
export function unpack({ body }: Pick<Delivery, 'body'>): readonly unknown[] {
  if (!isFields(body) || !isFields(body.payload)) return [withoutSecrets(body)];
  return [{ event: labelOf(body, 'event'), device_id: labelOf(body, 'device_id'), payload: withoutSecrets(body.payload) }];
}
