import { describe, expect, it } from 'vitest';
import { maskSecrets } from '../../shared/bridge-client/detail.ts';

const TOKEN = 'Zx8Kq2mVbT5yRw7nLp3dGh6j';
const base64 = (text: string) => Buffer.from(text).toString('base64');
const each = (text: string, write: (code: string, letter: string) => string) =>
  [...text].map((letter) => write(letter.charCodeAt(0).toString(16), letter)).join('');

const SPELLINGS: Readonly<Record<string, string>> = {
  'as it is': TOKEN,
  'in capitals': TOKEN.toUpperCase(),
  'in small letters': TOKEN.toLowerCase(),
  'in base64': base64(TOKEN),
  'in base64 behind one letter': base64(`x${TOKEN}`),
  'in base64 with a name before it': base64(`ana:${TOKEN}:end`),
  'in base64 for addresses': Buffer.from(`??>${TOKEN}`).toString('base64url'),
  'in hexadecimal': Buffer.from(TOKEN).toString('hex'),
  'in hexadecimal capitals': Buffer.from(TOKEN).toString('hex').toUpperCase(),
  'split by a blank': `${TOKEN.slice(0, 9)} ${TOKEN.slice(9)}`,
  'over two lines': `${TOKEN.slice(0, 12)}\r\n ${TOKEN.slice(12)}`,
  'with blanks between all letters': [...TOKEN].join(' '),
  'with what nobody sees in between': `${TOKEN.slice(0, 5)}\u200b${TOKEN.slice(5)}`,
  'percent-encoded, every letter': each(TOKEN, (code) => `%${code}`),
  'percent-encoded, some letters': each(TOKEN, (code, letter) => (letter < 'a' ? `%${code.toUpperCase()}` : letter)),
  'escaped as JSON': each(TOKEN, (code) => `\\u00${code}`),
  'escaped as HTML': each(TOKEN, (code) => `&#x${code};`),
  'escaped as HTML by numbers': [...TOKEN].map((letter) => `&#${letter.charCodeAt(0)};`).join(''),
  'cut off': TOKEN.slice(0, 15),
  'cut off in capitals': TOKEN.toUpperCase().slice(0, 15),
  'cut off in base64': base64(TOKEN).slice(0, 20),
};

describe('a secret that comes back in another spelling', () => {
  /** What is left of it, whatever is put between letters. */
  const bare = (text: string): string => text.replace(/[\s\p{Cf}]/gu, '').toLowerCase();

  it.each(Object.entries(SPELLINGS))('is not shown: %s', (_name, spelling) => {
    const text = `<html>the token was ${spelling}`;
    const masked = maskSecrets(text, [TOKEN]);
    expect(masked).toContain('[redacted]');
    expect(masked.startsWith('<html>the token was ')).toBe(true);
    // Of base64 that holds more than it, at most a letter at each end is left.
    for (let at = 0; at + 8 <= bare(spelling).length; at += 1) {
      const piece = bare(spelling).slice(at, at + 8);
      const isOfSecret = bare(base64(TOKEN)).includes(piece) || bare(TOKEN).includes(piece);
      if (isOfSecret) expect(bare(masked)).not.toContain(piece);
    }
  });

  it('takes a time that grows with the length of the text, whatever it is made of', () => {
    for (const part of [
      ' ',
      TOKEN.slice(0, 6),
      `${TOKEN[0]}   `,
      TOKEN.slice(0, -1),
      '%5',
      '\\u00',
      '&#x5a;',
      base64(TOKEN).slice(0, -4),
    ]) {
      const timeOf = (length: number): number => {
        const text = part.repeat(Math.ceil(length / part.length));
        const begunMs = performance.now();
        maskSecrets(text, [TOKEN]);
        return performance.now() - begunMs;
      };
      timeOf(10_000);
      const [once, fourTimes] = [timeOf(200_000), timeOf(800_000)];
      expect(fourTimes, part).toBeLessThan(16 * Math.max(once, 20));
    }
  });

  it('leaves alone what is none', () => {
    const text = 'HTTP 500: zx 8K q2 something else, Zx8Kq, WngwQ0F=';
    expect(maskSecrets(text, [TOKEN])).toBe(text);
  });
});
