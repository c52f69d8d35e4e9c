import { Obstacle } from './call.ts';
import { type ChatwootInbox, findInbox } from './chatwoot-inbox.ts';
import type { PonteApi, PonteInstance } from './ponte-api.ts';
import type { OwnChatwoot, Source, SourceInstance } from './source.ts';

/** What is to be done with one instance. */
export type Prospect = { readonly name: string } & (
  | { readonly kind: 'move'; readonly move: Move }
  | { readonly kind: 'moved'; readonly moved: Moved }
  /** Its own Chatwoot is not switched on. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'broken'; readonly reason: string }
);

export interface Move {
  readonly name: string;
  /** What it is called in Ponte, and whether it is there already. */
  readonly ponteName: string;
  readonly isKnown: boolean;
  /** Whether it is active there already: somebody was interrupted. */
  readonly isActive: boolean;
  readonly token: string;
  readonly own: OwnChatwoot;
  readonly inbox: ChatwootInbox;
}

/** Ponte has it, and its own Chatwoot is off. */
export interface Moved {
  readonly name: string;
  readonly ponteName: string;
  readonly own: OwnChatwoot;
  /** Whoever moved it was interrupted before it was resumed. */
  readonly isPaused: boolean;
}

/** Looks at every instance, and changes nothing. Throws Obstacle where one of the two sides cannot be asked at all. */
export async function survey(source: Source, ponte: PonteApi): Promise<Prospect[]> {
  const [listed, known] = await Promise.all([source.instances(), ponte.instances()]);
  const taken = new Set(known.map(({ name }) => name));
  const prospects: Prospect[] = [];
  for (const instance of listed) {
    const there = known.find((candidate) => isSame(candidate, source, instance.name));
    const ponteName = there?.name ?? freeName(instance.name, taken);
    taken.add(ponteName);
    prospects.push(await prospectOf(source, instance, ponteName, there));
  }
  return prospects.map((prospect) => withoutSharedInbox(prospect, prospects));
}

async function prospectOf(
  source: Source,
  { name, token, state }: SourceInstance,
  ponteName: string,
  there: PonteInstance | undefined,
): Promise<Prospect> {
  const broken = (reason: string): Prospect => ({ name, kind: 'broken', reason });
  try {
    const own = await source.chatwoot(name);
    const isActive = there?.chatwoot.enabled === true;
    if (own === undefined) return { name, kind: 'nothing' };
    if (!own.isOn && isActive) return { name, kind: 'moved', moved: { name, ponteName, own, isPaused: state === 'paused' } };
    if (!own.isOn) return { name, kind: 'nothing' };
    if (typeof state === 'object') return broken(state.obstacle);
    // One that is in Ponte already was paused by whoever moved it.
    if (state === 'paused' && there === undefined) return broken(`it is stopped — start it in ${source.title} first`);
    if (token === undefined) return broken(`${source.title} does not tell its token — use the global key`);
    // What was taken over already calls Ponte.
    const inboxId = own.inboxId ?? (isActive ? (there.chatwoot.chatwoot_inbox_id ?? undefined) : undefined);
    const inbox = await findInbox({ ...own, inboxId });
    return { name, kind: 'move', move: { name, ponteName, isKnown: there !== undefined, isActive, token, own, inbox } };
  } catch (error) {
    if (!(error instanceof Obstacle)) throw error;
    return broken(error.message);
  }
}

/** An inbox calls one address: whoever moves into it alone would leave the others without it. */
function withoutSharedInbox(prospect: Prospect, all: readonly Prospect[]): Prospect {
  if (prospect.kind !== 'move') return prospect;
  const inbox = placeOf(prospect.move);
  const others = all.filter((other) => other !== prospect && other.kind === 'move' && placeOf(other.move) === inbox);
  if (others.length === 0) return prospect;
  const names = others.map(({ name }) => name).join(', ');
  return { name: prospect.name, kind: 'broken', reason: `it shares inbox ${prospect.move.inbox.id} with ${names}` };
}

const placeOf = ({ own, inbox }: Move): string => `${own.url} ${own.accountId} ${inbox.id}`;

/** Whether an instance of Ponte is paired in that one of the source. */
export const isSame = ({ name, engine }: PonteInstance, source: Pick<Source, 'kind' | 'url'>, theirName: string): boolean =>
  engine.kind === source.kind && (engine.url ?? '').replace(/\/+$/, '') === source.url && (engine.name ?? name) === theirName;

/** Ponte's names have letters, digits, `_` and `-`. */
function freeName(name: string, taken: ReadonlySet<string>): string {
  const plain =
    name
      .normalize('NFKD')
      .replace(/\p{M}/gu, '')
      .replace(/[^\w-]+/g, '-')
      .slice(0, 90) || 'instance';
  for (let count = 1; ; count += 1) {
    const candidate = count === 1 ? plain : `${plain}-${count}`;
    if (!taken.has(candidate)) return candidate;
  }
}
