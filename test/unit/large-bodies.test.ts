import { describe, expect, it } from 'vitest';
import { decodeForm } from '../../api/events/form.ts';
import { parseDelivery } from '../../api/events/read-delivery.ts';
import { outlineOf } from '../../shared/engines/outline.ts';
import { readFile } from '../../shared/engines/ryzeapi/message-answer.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import { largeJson } from '../../shared/text/large-json.ts';
import { parseLargeJson, setTextsAside } from '../../shared/text/texts-aside.ts';

const MEBIBYTE = 1_048_576;
const FILE = 'QUJD'.repeat(MEBIBYTE);
const json = { 'content-type': 'application/json' };
const form = { 'content-type': 'application/x-www-form-urlencoded' };
const read = (body: string | Buffer, headers: Record<string, string> = json) =>
  parseDelivery({ rawBody: Buffer.from(body as string), headers });
const faultOf = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'none',
    (error: unknown) => (error instanceof PonteError ? error.code : error),
  );

describe('a large delivery', () => {
  it('is parsed without its files, and written out as it came', async () => {
    const value = {
      event: 'a',
      data: { 'odd "name"': [FILE, 'short', { twice: FILE }], other: `${FILE}=`, text: 'ação "x" \\' },
    };
    const { body, aside } = await read(JSON.stringify(value));
    expect([...aside.values()].map((text) => text.length)).toEqual([FILE.length, FILE.length + 1]);
    expect(JSON.stringify(body).length).toBeLessThan(500);
    expect((await largeJson(body, aside)).equals(Buffer.from(JSON.stringify(value)))).toBe(true);
  });

  it('has an outline without its files, though nobody has decoded them', async () => {
    const { body, aside } = await read(JSON.stringify({ event: 'a', data: { base64: FILE, chat: '5511' } }));
    const outline = outlineOf(body, await largeJson(body, aside), aside);
    expect(outline).toEqual({ kind: 'outline', json: '{"event":"a","data":{"base64":"","chat":"5511"}}' });
  });

  it('keeps the escapes of a file as they came, whatever cuts them in two', async () => {
    for (const shift of [0, 1, 2, 3]) {
      const lines = `${'A'.repeat(shift)}${'QUJDREVG\\r\\n\\/'.repeat(600_000)}`;
      const { body, aside } = await read(`{"data":"${lines}"}`);
      expect(aside.size).toBe(1);
      expect((await largeJson(body, aside)).toString() === `{"data":"${lines}"}`).toBe(true);
    }
  });

  it('with long texts that are no file is parsed as it is, and beyond 8 MiB without them', async () => {
    const accents = 'é'.repeat(MEBIBYTE);
    const whole = JSON.stringify({ text: accents });
    expect(JSON.stringify((await read(whole)).body) === whole).toBe(true);
    const { body, aside } = await read(JSON.stringify({ text: accents.repeat(5), file: FILE }));
    expect((await largeJson(body, aside)).toString() === JSON.stringify({ text: '', file: FILE })).toBe(true);
  });

  it.each([
    ['that is no JSON inside of a file', `{"a":"${FILE}\\x"}`],
    ['with a line break in a file', `{"a":"${FILE}\n"}`],
    ['that ends in a file', `{"a":"${FILE}`],
    ['that is no JSON around a file', `{"a":"${FILE}"`],
    ['made of quotes', '"'.repeat(3 * MEBIBYTE)],
    ['of which too much is left', `{"a":["${'x'.repeat(1_000_000)}"${`,"${'x'.repeat(1_000_000)}"`.repeat(9)}]}`],
    ['which is a bare text', `"${FILE}"`],
  ])('%s is refused', async (_what, text) => {
    expect(await faultOf(read(text))).toBe('invalid_body');
  });

  it('cannot have a file stand where only its digest does', async () => {
    const { aside } = await setTextsAside(Buffer.from(`{"a":"${FILE}"}`));
    const [digest] = [...aside.keys()];
    expect(await faultOf(read(JSON.stringify({ file: FILE, digests: [digest, digest] })))).toBe('invalid_body');
  });
});

describe('an answer with a large file', () => {
  const bytes = Buffer.from(Array.from({ length: 3 * MEBIBYTE + 100_000 }, (_, index) => (index * 7 + (index >> 9)) & 0xff));
  const base64 = bytes.toString('base64');
  const fileOf = async (text: string) => {
    const { json, aside } = await parseLargeJson(Buffer.from(text));
    return readFile(json, aside);
  };

  it.each([
    ['as it is', base64],
    ['whose slashes are escaped', base64.replaceAll('/', '\\/')],
    ['in lines', base64.replace(/.{76}/g, (line) => `${line}\\r\\n`)],
    ['for addresses', bytes.toString('base64url')],
    ['whose end is escaped, as for HTML', base64.replaceAll('=', '\\u003d')],
    ['whose end is escaped, beyond what may be left of a delivery', base64.replaceAll('=', '\\u003d'), ' '.repeat(9 * MEBIBYTE)],
  ])('has the bytes of it: base64 %s', async (_how, text, space = '') => {
    const file = await fileOf(`{"mime_type":"Image/PNG; x=1","base64":${space}"${text}"}`);
    expect(file?.mimeType).toBe('image/png');
    expect(file?.bytes.equals(bytes)).toBe(true);
  });

  it('has those of a small one, and none where it is no such answer', async () => {
    expect((await fileOf('{"base64":"QUJD"}'))?.bytes.toString()).toBe('ABC');
    for (const text of ['{"base64":""}', '[]', '', `{"other":"${base64}"}`, `{"base64":"${base64}`])
      expect(await fileOf(text)).toBe(undefined);
  });
});

describe('a form', () => {
  it.each(['a=1&b=two+words&c=%C3%A7&a=2', 'x=%&y=%4&z=%zz&%6a=%6A&&=empty&alone', 'jsonData=%7B%22a%22%3A%22%2B%2F%3D%22%7D'])(
    'is read as URLSearchParams does: %s',
    async (text) => {
      const fields = (await decodeForm(Buffer.from(text))).map(([name, value]) => [name, value.toString()]);
      expect(fields).toEqual([...new URLSearchParams(text)]);
    },
  );

  it('that is large is read without its files as well', async () => {
    const value = { type: 'Message', base64: FILE };
    const { body, aside } = await read(new URLSearchParams({ jsonData: JSON.stringify(value), token: 'x' }).toString(), form);
    expect(body).toMatchObject({ token: 'x' });
    const { jsonData } = body as { jsonData: string };
    expect((await largeJson(JSON.parse(jsonData), aside)).toString() === JSON.stringify(value)).toBe(true);
  });

  it('of too many fields is refused', async () => {
    for (const text of ['&', 'a&']) expect(await faultOf(decodeForm(Buffer.from(text.repeat(5_000))))).toBe('invalid_body');
  });
});
