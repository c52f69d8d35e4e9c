import { Obstacle } from './call.ts';
import { type ChatwootInbox, findInbox } from './chatwoot-inbox.ts';
import type { EvolutionApi, EvolutionChatwoot, EvolutionInstance } from './evolution-api.ts';
import type { PonteApi, PonteInstance } from './ponte-api.ts';

/** What is to be done with one instance. */
export type Prospect = { readonly name: string } & (
  | { readonly kind: 'move'; readonly move: Move }
  /** Ponte has it, and Evolution's own Chatwoot is off. */
  | { readonly kind: 'moved'; readonly ponteName: string; readonly chatwoot: EvolutionChatwoot }
  /** Its own Chatwoot is not switched on. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'broken'; readonly reason: string }
);

export interface Move {
  readonly name: string;
  /** What it is called in Ponte, and whether it is there already. */
  readonly ponteName: string;
  readonly isKnown: boolean;
  readonly token: string;
  readonly chatwoot: EvolutionChatwoot;
  readonly inbox: ChatwootInbox;
}

const OFFICIAL =
  'it uses Evolution’s channel for the official Cloud API — connect that number to Ponte’s own engine for it (kind cloud) instead';

/** Looks at every instance, and changes nothing. Throws Obstacle where one of the two sides cannot be asked at all. */
export async function survey(evolution: EvolutionApi, ponte: PonteApi): Promise<Prospect[]> {
  const [listed, known] = await Promise.all([evolution.instances(), ponte.instances()]);
  const taken = new Set(known.map(({ name }) => name));
  const prospects: Prospect[] = [];
  for (const instance of listed) {
    const own = known.find((candidate) => isSame(candidate, evolution.url, instance.name));
    const ponteName = own?.name ?? freeName(instance.name, taken);
    taken.add(ponteName);
    prospects.push(await prospectOf(evolution, instance, ponteName, own));
  }
  return prospects;
}

async function prospectOf(
  evolution: EvolutionApi,
  { name, token, integration }: EvolutionInstance,
  ponteName: string,
  own: PonteInstance | undefined,
): Promise<Prospect> {
  try {
    const chatwoot = await evolution.chatwoot(name);
    if (own?.chatwoot.enabled && chatwoot.enabled !== true) return { name, kind: 'moved', ponteName, chatwoot };
    if (chatwoot.enabled !== true) return { name, kind: 'nothing' };
    if (/business/i.test(integration ?? '')) return { name, kind: 'broken', reason: OFFICIAL };
    if (!token) return { name, kind: 'broken', reason: 'Evolution does not tell its token — use the global key' };
    const inbox = await findInbox(chatwoot);
    return { name, kind: 'move', move: { name, ponteName, isKnown: own !== undefined, token, chatwoot, inbox } };
  } catch (error) {
    if (!(error instanceof Obstacle)) throw error;
    return { name, kind: 'broken', reason: error.message };
  }
}

/** Whether an instance of Ponte is paired in that one of Evolution. */
export const isSame = ({ name, engine }: PonteInstance, url: string, evolutionName: string): boolean =>
  engine.kind === 'evolution' && (engine.url ?? '').replace(/\/+$/, '') === url && (engine.name ?? name) === evolutionName;

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
