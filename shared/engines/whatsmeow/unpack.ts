import { parseJson } from '../../http/parse-json.ts';
import type { Delivery } from '../engine.ts';
import { type Fields, fieldsOf, isFields, labelOf } from '../fields.ts';
import { withoutSecrets } from '../without-secrets.ts';
import { readFormData } from './form-data.ts';

/** Large, or able to pair a phone: nothing of it is read. */
const BALLAST =
  /^(?:RawMessage|SourceWebMsg|JPEGThumbnail|PNGThumbnail|thumbnail(?:DirectPath|SHA256|EncSHA256)?|streamingSidecar|waveform|messageSecret|deviceListMetadata|scansSidecar|midQualityFileSHA256|qrCodeBase64|qrcode|code|Codes)$/i;

/**
 * One event, in the same words whichever sent it and however: wuzapi as a form with the JSON in `jsonData` (by its default), with a file
 * beside it, or as JSON; evolution-go as JSON. What is none of them is handed on as it is.
 */
export function unpack(delivery: Pick<Delivery, 'body' | 'rawBody' | 'headers'>): readonly unknown[] {
  const { told, file } = open(delivery);
  if (!isFields(told)) return [undefined];
  const isWuzapi = labelOf(told, 'type') !== '';
  const name = isWuzapi ? labelOf(told, 'type') : labelOf(told, 'event');
  const data = isWuzapi ? told.event : told.data;
  if (name === '') return [withoutSecrets(told, { also: BALLAST })];
  const media = {
    base64: typeof told.base64 === 'string' ? told.base64 : file?.bytes.toString('base64'),
    mimeType: labelOf(told, 'mimeType') || file?.mimeType,
    fileName: labelOf(told, 'fileName') || file?.fileName,
    url: labelOf(fieldsOf(told.s3), 'url') || undefined,
  };
  // A QR code's event is a bare word.
  return [
    { event: name, state: labelOf(told, 'state'), data: isFields(data) ? withoutSecrets(data, { also: BALLAST }) : {}, media },
  ];
}

function open({ body, rawBody, headers }: Pick<Delivery, 'body' | 'rawBody' | 'headers'>): {
  readonly told: unknown;
  readonly file?: { readonly fileName: string; readonly mimeType: string; readonly bytes: Buffer } | undefined;
} {
  if (body === undefined) {
    const form = readFormData(rawBody, headers['content-type'] ?? '');
    return form === undefined ? { told: undefined } : { told: fromForm(form.fields), file: form.file };
  }
  return { told: fromForm(body) };
}

/** Where there is `jsonData`, that; else the fields themselves. */
const fromForm = (fields: unknown): unknown => {
  const { jsonData } = fieldsOf(fields as Fields);
  return typeof jsonData === 'string' ? parseJson(jsonData) : fields;
};
