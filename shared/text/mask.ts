/** What stands in the place of a secret. */
export const MASK = '[redacted]';
/** A text cut in the middle of a secret still shows its beginning; fewer characters than these tell nothing. */
const LEAST_REMAINDER = 6;
const HALF_PAIRS = /\p{Surrogate}/gu;
/** Blanks, line breaks and characters that nobody sees, put between the letters of a secret. */
const GAP = '[\\s\\p{Cc}\\p{Cf}]{0,3}';
/** A secret that has such itself is looked for without others: where one ends and the next begins would be anybody's guess. */
const HAS_GAP = /[\s\p{Cc}\p{Cf}]/u;

/**
 * `text` without `secrets`, in whatever spelling they come back: as they are, in other case, percent-encoded, escaped as JSON or HTML, in base64
 * (also as part of something longer), in hexadecimal, with blanks or line breaks in between, or cut off at the end of the text.
 */
export function maskValues(text: string, secrets: readonly string[]): string {
  let looked = lookAt(text);
  for (const secret of secrets) {
    if (secret.length >= LEAST_REMAINDER) looked = maskValue(looked, secret);
  }
  return looked.text;
}

function maskValue(looked: LookedAt, secret: string): LookedAt {
  const forms = formsOf(secret);
  let masked = looked.text;
  for (const form of forms.literal) masked = masked.replaceAll(form, MASK);
  for (const spelling of forms.spellings) masked = maskRemainder(masked, spelling);
  let again = sameOr(looked, masked);
  // What has been written in other ways is rare, and to look for it takes long: whether there is any is told by a cheaper look.
  if (forms.bare.some((form) => again.bare().includes(form))) {
    again = sameOr(again, again.text.replace(anyWayPattern(secret), MASK));
  }
  if (forms.base64.some((form) => again.joined().includes(form))) {
    again = sameOr(again, again.text.replace(base64Pattern(forms.base64), MASK));
  }
  return again;
}

/** A text, and what it looks like to a cheaper look: found out once for all secrets, and only where somebody wants to know. */
interface LookedAt {
  readonly text: string;
  readonly bare: () => string;
  readonly joined: () => string;
}

function lookAt(text: string): LookedAt {
  let bare: string | undefined;
  let joined: string | undefined;
  return {
    text,
    bare() {
      bare ??= bareOf(text);
      return bare;
    },
    joined() {
      joined ??= text.replace(GAPS, '');
      return joined;
    },
  };
}

const sameOr = (looked: LookedAt, text: string): LookedAt => (text === looked.text ? looked : lookAt(text));

interface Forms {
  /** As it usually comes back. */
  readonly literal: readonly string[];
  readonly base64: readonly string[];
  /** From which a beginning may be left over. */
  readonly spellings: readonly string[];
  /** As a text without escapes, gaps and cases has it. */
  readonly bare: readonly string[];
}

const GAPS = /[\s\p{Cc}\p{Cf}]+/gu;
const ESCAPES = /%([\da-f]{2})|\\(?:u00|x)([\da-f]{2})|&#x0{0,4}([\da-f]{2});|&#0{0,4}(\d{2,3});/gi;

/** A text without escapes, gaps and cases. */
const bareOf = (text: string): string =>
  text
    .replace(ESCAPES, (_all, percent?: string, json?: string, hex?: string, decimal?: string) =>
      String.fromCharCode(decimal === undefined ? Number.parseInt(percent ?? json ?? hex ?? '', 16) : Number(decimal)),
    )
    .replace(GAPS, '')
    .toLowerCase();

const MOST_KNOWN = 200;
const known = new Map<string, Forms>();

/** Kept for a while: the same few secrets are looked for in every line of a log. */
function formsOf(secret: string): Forms {
  const found = known.get(secret);
  if (found !== undefined) return found;
  const forms = makeForms(secret);
  const [oldest] = known.keys();
  if (known.size >= MOST_KNOWN && oldest !== undefined) known.delete(oldest);
  known.set(secret, forms);
  return forms;
}

function makeForms(secret: string): Forms {
  const json = JSON.stringify(secret).slice(1, -1);
  const percent = encodeURIComponent(secret.replace(HALF_PAIRS, ''));
  const hex = Buffer.from(secret).toString('hex');
  const base64 = [...new Set(base64Forms(secret))];
  const literal = [...new Set([secret, json, percent])];
  const cases = [secret.toUpperCase(), secret.toLowerCase(), hex, hex.toUpperCase()];
  return { literal, base64, spellings: [...new Set([...literal, ...cases, ...base64])], bare: [bareOf(secret), hex] };
}

/** Its letters in any case, in any way to write a letter, with gaps. */
function anyWayPattern(secret: string): RegExp {
  const forms = [secret, Buffer.from(secret).toString('hex')];
  const written = forms.map((form) => [...form].map(anyWayToWrite).join(HAS_GAP.test(form) ? '' : GAP));
  return new RegExp(written.join('|'), 'giu');
}

/** What has a case of its own, with gaps. */
const base64Pattern = (forms: readonly string[]): RegExp =>
  new RegExp(forms.map((form) => [...form].map(escaped).join(GAP)).join('|'), 'gu');

/** What is certain of a secret's base64, wherever in the encoded bytes it begins. */
function base64Forms(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const forms = [0, 1, 2].map((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
    return encoded.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
  });
  return forms.flatMap((form) => [form, form.replaceAll('+', '-').replaceAll('/', '_')]);
}

const escaped = (letter: string): string => letter.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&');

/** As it is, or escaped as in an address, in JSON, or in HTML. */
function anyWayToWrite(letter: string): string {
  const code = letter.codePointAt(0) ?? 0;
  if (code > 0x7e) return escaped(letter);
  const hex = code.toString(16).padStart(2, '0');
  return `(?:${escaped(letter)}|%${hex}|\\\\(?:u00|x)${hex}|&#(?:0{0,4}${code}|x0{0,4}${hex});)`;
}

function maskRemainder(text: string, spelling: string): string {
  const last = text.charCodeAt(text.length - 1);
  for (let length = spelling.length - 1; length >= LEAST_REMAINDER; length--) {
    if (spelling.charCodeAt(length - 1) !== last) continue;
    if (text.endsWith(spelling.slice(0, length))) return text.slice(0, -length) + MASK;
  }
  return text;
}
