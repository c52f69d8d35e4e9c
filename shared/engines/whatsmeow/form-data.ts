export interface FormData {
  readonly fields: Readonly<Record<string, string>>;
  /** The first file in it. */
  readonly file: { readonly fileName: string; readonly mimeType: string; readonly bytes: Buffer } | undefined;
}

const HEAD_END = '\r\n\r\n';
const PARTS_READ = 50;
/** Of all fields that are no file. */
const FIELD_BYTES_READ = 8 * 1_048_576;

/** Takes a body of the type `multipart/form-data` apart; undefined for what is none. Of two fields of one name the first counts. */
export function readFormData(body: Buffer, contentType: string): FormData | undefined {
  const [, quoted, bare] = /^multipart\/form-data\s*;.*?boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType) ?? [];
  const boundary = quoted ?? bare;
  if (boundary === undefined) return undefined;
  const fields = new Map<string, string>();
  let file: FormData['file'];
  let fieldBytes = 0;
  for (const part of partsOf(body, boundary)) {
    const end = part.indexOf(HEAD_END);
    if (end === -1) continue;
    const head = part.subarray(0, end).toString('utf8');
    const bytes = part.subarray(end + HEAD_END.length);
    const [, name = ''] = /content-disposition:[^\r\n]*[;\s]name="([^"]*)"/i.exec(head) ?? [];
    const [, fileName] = /content-disposition:[^\r\n]*filename="([^"]*)"/i.exec(head) ?? [];
    const [, mimeType = ''] = /content-type:\s*([^\r\n]+)/i.exec(head) ?? [];
    if (fileName !== undefined) file ??= { fileName, mimeType, bytes };
    else if (!fields.has(name) && fieldBytes + bytes.length <= FIELD_BYTES_READ) {
      fieldBytes += bytes.length;
      fields.set(name, bytes.toString('utf8'));
    }
  }
  return { fields: Object.fromEntries(fields), file };
}

function partsOf(body: Buffer, boundary: string): Buffer[] {
  const mark = Buffer.from(`--${boundary}`);
  const parts: Buffer[] = [];
  let start = body.indexOf(mark);
  while (start !== -1 && parts.length < PARTS_READ) {
    const from = start + mark.length + 2;
    const next = body.indexOf(mark, from);
    if (next === -1) break;
    parts.push(body.subarray(from, next - 2));
    start = next;
  }
  return parts;
}
