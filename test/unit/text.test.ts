import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutTo, lengthOf } from '../../shared/text/cut.ts';
import { cutFileName } from '../../shared/text/file-name.ts';
import { isShortened, shortId } from '../../shared/text/short-id.ts';
import { splitText } from '../../shared/text/split.ts';
import { wellFormed, wellFormedJson } from '../../shared/text/well-formed.ts';

const PIECES = [
  'a',
  ' ',
  '\n',
  '\n\n',
  'ção',
  'e\u0301',
  '👍',
  '👍🏽',
  '👨‍👩‍👧‍👦',
  '🇧🇷',
  '☎️',
  '1️⃣',
  '\u200f',
  'नि',
  '\ud83d',
  '\ude00',
  '\u0000',
  '{{',
];
const anyText = fc.array(fc.constantFrom(...PIECES), { maxLength: 60 }).map((pieces) => pieces.join(''));
const graphemes = (text: string) =>
  [...new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(text)].map(({ segment }) => segment);

describe('wellFormed', () => {
  it.each([
    ['half\ud83d', 'half\ufffd'],
    ['\ude00half', '\ufffdhalf'],
    ['a\u0000b', 'ab'],
    ['\ud83d\u0000\ude00', '😀'],
    ['whole 😀', 'whole 😀'],
  ])('%j becomes %j', (given, expected) => {
    expect(wellFormed(given)).toBe(expected);
    expect(wellFormedJson({ [given]: [given, { given }] })).toEqual({ [expected]: [expected, { given: expected }] });
  });

  it('leaves all else of JSON as it is', () => {
    const value = { number: 1, no: null, yes: true, list: [], date: new Date(0), absent: undefined };
    expect(JSON.stringify(wellFormedJson(value))).toBe(JSON.stringify(value));
  });
});

describe('cutTo', () => {
  it('never exceeds the length in code points, is always well-formed, and ends between two whole characters', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 8, max: 50 }), fc.constantFrom('', '…'), (text, most, mark) => {
        const cut = cutTo(text, most, mark);
        expect(cut.isWellFormed()).toBe(true);
        expect([...cut].length).toBeLessThanOrEqual(most);
        if (lengthOf(wellFormed(text)) <= most) expect(cut).toBe(wellFormed(text));
        else {
          const kept = graphemes(mark === '' ? cut : cut.slice(0, -1));
          expect(graphemes(wellFormed(text)).slice(0, kept.length)).toEqual(kept);
        }
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['emoji', '👍', 200_000, 150_000],
    ['families', '👨‍👩‍👧‍👦', 30_000, 21_428],
    ['flags', '🇧🇷', 100_000, 75_000],
    ['letters with accents', 'e\u0301', 100_000, 75_000],
  ])('counts %s as Chatwoot does, and keeps them whole', (_name, character, given, kept) => {
    expect(cutTo(character.repeat(given), 150_000)).toBe(character.repeat(kept));
  });

  it('keeps the text before a chain of marks that is longer than the limit, and of nothing but such a chain what fits', () => {
    expect(cutTo(`Zalgo${'\u0301'.repeat(1_000)}`, 255)).toBe(`Zalgo${'\u0301'.repeat(250)}`);
    expect(cutTo('\u0301'.repeat(1_000), 255)).toBe('\u0301'.repeat(255));
  });

  it('leaves what fits as it is, though it has more UTF-16 units', () => {
    expect(cutTo('👍'.repeat(255), 255)).toBe('👍'.repeat(255));
  });
});

describe('splitText', () => {
  it('loses nothing but blank space at the borders, keeps the order, and cuts no character apart', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 12, max: 40 }), (text, most) => {
        const whole = wellFormed(text);
        const parts = splitText(whole, most);
        for (const part of parts) {
          expect(part.length).toBeLessThanOrEqual(most);
          expect(part.trim()).not.toBe('');
          expect(part.isWellFormed()).toBe(true);
        }
        expect(parts.join('').replace(/\s/g, '')).toBe(whole.replace(/\s/g, ''));
        expect(parts.flatMap(graphemes).filter((character) => character.trim() !== '')).toEqual(
          graphemes(whole).filter((character) => character.trim() !== ''),
        );
      }),
      { numRuns: 300 },
    );
  });

  it.each<[string, string, string[]]>([
    ['paragraphs', 'one one\n\n  two two', ['one one', '  two two']],
    ['lines', 'one one\ntwo\nthree', ['one one', 'two\nthree']],
    ['words', 'one two three four', ['one two', 'three four']],
    ['a word that is too long', 'abcdefghijklmno', ['abcdefghij', 'klmno']],
    ['nothing where it fits', 'ten  signs', ['ten  signs']],
    ['a text of blanks into nothing', ' '.repeat(30), []],
  ])('divides %s', (_name, text, parts) => {
    expect(splitText(text, 10)).toEqual(parts);
  });
});

describe('shortId', () => {
  it('leaves an id as it is while it fits', () => {
    expect(shortId('3EB0'.padEnd(255, 'x'), 255)).toBe('3EB0'.padEnd(255, 'x'));
    expect(isShortened(shortId('3EB0', 255))).toBe(false);
  });

  it('gives two ids that only begin alike two names, the same each time, and tells that they are short', () => {
    const [one, two] = [`${'x'.repeat(300)}1`, `${'x'.repeat(300)}2`];
    expect(shortId(one, 255)).not.toBe(shortId(two, 255));
    expect(shortId(one, 255)).toBe(shortId(one, 255));
    expect(lengthOf(shortId(`👍${one}`, 255))).toBe(255);
    expect(isShortened(shortId(one, 255))).toBe(true);
  });
});

describe('cutFileName', () => {
  it('keeps the extension', () => {
    expect(cutFileName(`${'👍'.repeat(300)}.tar.gz`, 20)).toBe(`${'👍'.repeat(17)}.gz`);
    expect(cutFileName('a.pdf', 20)).toBe('a.pdf');
    expect(lengthOf(cutFileName(`.${'x'.repeat(40)}`, 20))).toBe(20);
  });
});
