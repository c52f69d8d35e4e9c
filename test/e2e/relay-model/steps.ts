import fc from 'fast-check';
import type { EngineName } from './engines.ts';

export interface Flags {
  readonly reopenResolved: boolean;
  readonly startAsPending: boolean;
  readonly ignoreGroups: boolean;
}

/** Two people and a group in each integration. */
export const CHATS = ['ana', 'bruno', 'group'] as const;
export type Chat = (typeof CHATS)[number];

/** Of one integration: the engine that it is paired in, and what it begins with. */
export interface LinePlan {
  readonly engine: EngineName;
  readonly flags: Flags;
}

/** Messages that somebody writes in one go. */
export interface Burst {
  readonly line: number;
  readonly chat: Chat;
  readonly count: number;
}

/** Something that happens, anywhere between a phone and an agent. `line` is the number of an integration. */
export type Action =
  /** Somebody writes; the engine may tell of it twice. */
  | { readonly kind: 'write'; readonly line: number; readonly chat: Chat; readonly picture: boolean; readonly twice: boolean }
  /** The owner of the number writes on the phone. */
  | { readonly kind: 'type'; readonly line: number; readonly chat: Chat }
  /** The engine tells once more of something that happened before: `which` is how far back, in percent of all that did. */
  | { readonly kind: 'redeliver'; readonly line: number; readonly which: number }
  /** Somebody changes, takes back or marks with an emoji what was written last. */
  | { readonly kind: 'edit' | 'revoke' | 'react'; readonly line: number; readonly chat: Chat }
  /** `delete`: of the last reply, for everyone. */
  | { readonly kind: 'reply' | 'note' | 'rename' | 'delete'; readonly line: number; readonly chat: Chat }
  /** An agent closes or opens a conversation; the customer may write again right away. */
  | {
      readonly kind: 'status';
      readonly line: number;
      readonly chat: Chat;
      readonly status: 'open' | 'resolved' | 'snoozed';
      readonly customerWrites: boolean;
    }
  | { readonly kind: 'set'; readonly line: number; readonly flags: Flags }
  | { readonly kind: 'api'; readonly signal: 'SIGKILL' | 'SIGTERM' }
  /** With so many messages of a chat in it that Chatwoot has not taken yet. */
  | { readonly kind: 'bridge'; readonly signal: 'SIGKILL' | 'SIGTERM'; readonly burst: Burst }
  | { readonly kind: 'chatwoot restarts'; readonly downMs: number }
  /** The next request of a kind has its effect in Chatwoot, but no answer. */
  | { readonly kind: 'chatwoot loses an answer'; readonly to: 'contacts' | 'conversations' | 'messages' }
  /** While so many messages of a chat are on their way. */
  | { readonly kind: 'chatwoot fails'; readonly status: 500 | 502 | 503; readonly times: number; readonly burst: Burst }
  /** The engine sends the next message (or does not), and does not answer. */
  | { readonly kind: 'engine loses an answer'; readonly line: number; readonly sends: boolean };

export interface Step {
  readonly action: Action;
  /** How long after the one before it. */
  readonly afterMs: number;
}

/** The integrations of a run, and its steps. */
export interface Plan {
  readonly lines: readonly LinePlan[];
  readonly steps: readonly Step[];
}

const chat = fc.constantFrom<Chat[]>('ana', 'ana', 'ana', 'ana', 'bruno', 'group');
const flags: fc.Arbitrary<Flags> = fc.record({
  reopenResolved: fc.boolean(),
  startAsPending: fc.boolean(),
  ignoreGroups: fc.boolean(),
});
const signal = fc.constantFrom<('SIGKILL' | 'SIGTERM')[]>('SIGKILL', 'SIGTERM');
const weighted = (weight: number, kind: Action['kind'], model: Record<string, fc.Arbitrary<unknown>>) => ({
  weight,
  // The records are those of the type above; fast-check cannot tell one kind of a union from another.
  arbitrary: fc.record({ kind: fc.constant(kind), ...model }) as fc.Arbitrary<Action>,
});

function actionOn(lines: number): fc.Arbitrary<Action> {
  const line = fc.nat({ max: lines - 1 });
  const burst: fc.Arbitrary<Burst> = fc.record({ line, chat, count: fc.integer({ min: 2, max: 4 }) });
  return fc.oneof(
    weighted(26, 'write', { line, chat, picture: fc.nat({ max: 5 }).map((roll) => roll === 0), twice: fc.boolean() }),
    weighted(4, 'type', { line, chat }),
    weighted(5, 'edit', { line, chat }),
    weighted(4, 'react', { line, chat }),
    weighted(4, 'revoke', { line, chat }),
    weighted(4, 'redeliver', { line, which: fc.nat({ max: 99 }) }),
    weighted(14, 'reply', { line, chat }),
    weighted(3, 'note', { line, chat }),
    weighted(5, 'delete', { line, chat }),
    weighted(2, 'rename', { line, chat }),
    weighted(24, 'status', {
      line,
      chat,
      status: fc.constantFrom('resolved', 'resolved', 'resolved', 'snoozed', 'open'),
      customerWrites: fc.nat({ max: 3 }).map((roll) => roll > 0),
    }),
    weighted(3, 'set', { line, flags }),
    weighted(4, 'bridge', { signal, burst }),
    weighted(2, 'api', { signal }),
    weighted(3, 'chatwoot restarts', { downMs: fc.nat({ max: 800 }) }),
    weighted(4, 'chatwoot loses an answer', { to: fc.constantFrom('contacts', 'conversations', 'messages') }),
    weighted(4, 'chatwoot fails', { status: fc.constantFrom(500, 502, 503), times: fc.integer({ min: 1, max: 4 }), burst }),
    weighted(2, 'engine loses an answer', { line, sends: fc.boolean() }),
  );
}

/** Plans of `least` to `most` steps, on one integration for each of `engines`: those that it may be paired in. */
export const planOf = (engines: readonly (readonly EngineName[])[], least: number, most: number): fc.Arbitrary<Plan> =>
  fc
    .record({
      lines: fc.tuple(
        ...engines.map((names, number) =>
          // Both rules about resolved conversations are at work in every run.
          fc.record({
            engine: fc.constantFrom(...names),
            flags: flags.map((all) => ({ ...all, reopenResolved: number % 2 === 0 })),
          }),
        ),
      ),
      steps: fc.array(fc.record({ action: actionOn(engines.length), afterMs: fc.nat({ max: 200 }) }), {
        minLength: least,
        maxLength: most,
      }),
    })
    .map((plan) => ({ ...plan, [fc.toStringMethod]: () => shown(plan) }));

/** A plan for people to read: one line a step. */
function shown({ lines, steps }: Plan): string {
  const settings = lines.map(({ engine, flags: initial }, number) => `  line ${number}, ${engine}: ${shownFlags(initial)}`);
  const rest = steps.map(({ afterMs, action: { kind, ...values } }, index) => {
    const given = Object.entries(values).map(
      ([key, value]) => `${key}=${typeof value === 'object' ? shownValues(value) : value}`,
    );
    return `  ${String(index + 1).padStart(2)}. +${afterMs} ms ${kind} ${given.join(' ')}`;
  });
  return `\n${[...settings, ...rest].join('\n')}\n`;
}

const shownValues = (values: Flags | Burst): string =>
  'count' in values ? `${values.count} × ${values.chat} of line ${values.line}` : shownFlags(values);

const shownFlags = (flags: Flags): string =>
  Object.entries(flags)
    .map(([flag, isSet]) => `${isSet ? '' : 'not '}${flag}`)
    .join(', ');
