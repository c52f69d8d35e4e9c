import { type Fields, isFields } from '../fields.ts';

const DEPTH = 8;
/** Told beside every message, or between devices: never what a message says. */
const BESIDE = new Set([
  'messagecontextinfo',
  'senderkeydistributionmessage',
  'fastratchetkeysenderkeydistributionmessage',
  'contextinfo',
  'base64',
  'mediaurl',
]);

export interface Part {
  /** Name of the field, in lower case: `imagemessage`. Empty where there is none. */
  readonly name: string;
  readonly value: unknown;
  /** Everything that stands beside it. */
  readonly siblings: Fields;
}

/**
 * What a message (as `lowered` leaves it) really holds. WhatsApp wraps messages into messages — ephemeral, view-once, with caption, from
 * another device, and each year another one — and all of them keep the inner one under `message`.
 */
export function unwrap(message: Fields): Part {
  let siblings = message;
  for (let depth = 0; depth < DEPTH; depth += 1) {
    const [name, value] = contentOf(siblings);
    const inner = isFields(value) && !('key' in value) ? value.message : undefined;
    if (!isFields(inner)) return { name, value, siblings };
    siblings = inner;
  }
  return { name: '', value: undefined, siblings };
}

function contentOf(message: Fields): readonly [string, unknown] {
  const told = Object.entries(message).filter(([name, value]) => !BESIDE.has(name) && isContent(value));
  // A text may stand beside what it belongs to, and then that says more.
  return told.find(([, value]) => isFields(value)) ?? told[0] ?? ['', undefined];
}

const isContent = (value: unknown): boolean => (typeof value === 'string' ? value !== '' : isFields(value));
