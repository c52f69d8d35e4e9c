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
  let masked = text;
  for (const secret of secrets) {
    if (secret.length < LEAST_REMAINDER) continue;
    const { plain, exact, spellings } = formsOf(secret);
    masked = masked.replace(plain, MASK).replace(exact, MASK);
    for (const spelling of spellings) masked = maskRemainder(masked, spelling);
  }
  return masked;
}

interface Forms {
  /** Its letters in any case, and in any way to write a letter. */
  readonly plain: RegExp;
  /** What has a case of its own: base64. */
  readonly exact: RegExp;
  /** From which a beginning may be left over. */
  readonly spellings: readonly string[];
}

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
  const base64 = base64Forms(secret);
  const letters = [secret, json, percent, hex].map((form) => [...form].map(anyWayToWrite).join(HAS_GAP.test(form) ? '' : GAP));
  return {
    plain: new RegExp([...new Set(letters)].join('|'), 'giu'),
    exact: new RegExp([...new Set(base64)].map((form) => [...form].map(escaped).join(GAP)).join('|'), 'gu'),
    spellings: [
      ...new Set([secret, secret.toUpperCase(), secret.toLowerCase(), json, percent, hex, hex.toUpperCase(), ...base64]),
    ],
  };
}

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
  for (let length = spelling.length - 1; length >= LEAST_REMAINDER; length--) {
    if (text.endsWith(spelling.slice(0, length))) return text.slice(0, -length) + MASK;
  }
  return text;
}
