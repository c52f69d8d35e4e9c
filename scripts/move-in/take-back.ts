import { Obstacle } from './call.ts';
import { webhookOfInbox } from './chatwoot-inbox.ts';
import type { PonteInstance, Waiting } from './ponte-api.ts';
import type { OwnChatwoot } from './source.ts';
import { isSame } from './survey.ts';
import { blockOf, DELIVERY_PATH, type MoveDeps, takeOver } from './take-over.ts';
import { until } from './until.ts';

/** For an instance that could not be moved: what waits in Ponte came in the last seconds. */
const SHORT_MS = 15_000;

interface Taken {
  readonly name: string;
  readonly ponteName: string;
  readonly own: OwnChatwoot;
  /** Whether it was moved: then messages have been relayed by Ponte alone, and it stays so where this cannot be done. */
  readonly isMoved: boolean;
  /** It was in Ponte before anything was moved. */
  readonly keepInstance: boolean;
}

/** Out of Ponte and back to where it was, without a message being lost on the way. Safe to be repeated. Throws Obstacle. */
export async function takeBack(deps: MoveDeps, taken: Taken): Promise<void> {
  const { source, ponte } = deps;
  const { name, ponteName } = taken;
  const known = (await ponte.instances()).find((instance) => instance.name === ponteName && isSame(instance, source, name));
  const inboxId = known?.chatwoot.enabled ? (known.chatwoot.chatwoot_inbox_id ?? undefined) : undefined;
  if (inboxId === undefined) await switchOn(deps, taken);
  else await handBack(deps, taken, inboxId);
  if (known !== undefined) await takeOut(deps, taken, known, inboxId);
  await resume(deps, name);
}

/** From here on its own Chatwoot brings in what comes, and Ponte has nothing left to do. */
async function handBack(deps: MoveDeps, { name, ponteName, own, isMoved }: Taken, inboxId: number): Promise<void> {
  const { source, ponte, onStep } = deps;
  const { handover } = source;
  try {
    if (handover.kind === 'pause') {
      onStep(`stopping it in ${source.title}: WhatsApp keeps what comes`);
      await handover.pause(name);
      await drained(deps, ponteName, isMoved, ({ toChatwoot }) => toChatwoot === 0);
    } else if (isMoved) {
      onStep('telling Ponte that the inbox changes hands');
      await ponte.activate(ponteName, blockOf(own, { id: inboxId }));
    }
    await switchOn(deps, { name, own });
    const sinceMs = Date.now();
    if (handover.kind === 'pause') {
      await handover.forget(name, DELIVERY_PATH);
      await resume(deps, name);
      // What agents wrote meanwhile.
      await drained(deps, ponteName, isMoved, ({ toWhatsapp }) => toWhatsapp === 0);
    } else {
      // What came since is brought in by the other one as well.
      const isOlder = ({ toChatwoot, oldestSeconds }: Waiting) => toChatwoot > 0 && oldestSeconds * 1_000 >= Date.now() - sinceMs;
      await drained(deps, ponteName, isMoved, (waiting) => waiting.toWhatsapp === 0 && !isOlder(waiting));
    }
  } catch (error) {
    if (!isMoved || !(error instanceof Obstacle)) throw error;
    onStep('leaving it in Ponte');
    const left = await stay(deps, { name, ponteName, own }, inboxId).then(
      () => ' — it is still in Ponte',
      (failure: unknown) => ` — and it is half in Ponte: ${failure instanceof Error ? failure.message : 'unknown'}; run it again`,
    );
    throw new Obstacle(`${error.message}${left}`);
  }
}

/** Where it is on already, nothing is written: some would restart for it. */
async function switchOn({ source, onStep }: MoveDeps, { name, own }: Pick<Taken, 'name' | 'own'>): Promise<void> {
  onStep('switching its own Chatwoot on');
  const now = await source.chatwoot(name);
  const isAsItWas = now?.isOn === true && JSON.stringify(now.settings) === JSON.stringify({ ...own.settings, enabled: true });
  if (!isAsItWas) await source.switchChatwoot(name, own, true);
}

/** As it was before it was to be given back. */
async function stay(deps: MoveDeps, moved: Pick<Taken, 'name' | 'ponteName' | 'own'>, inboxId: number): Promise<void> {
  const { handover } = deps.source;
  if (handover.kind === 'pause') await handover.pause(moved.name);
  await deps.source.switchChatwoot(moved.name, moved.own, false);
  await takeOver(deps, { ...moved, inbox: { id: inboxId } });
  await resume(deps, moved.name);
}

/** Waits until Ponte has brought everything where it belongs. Of what was never moved there may be something left: nothing keeps it. */
async function drained(
  { ponte, patienceMs, onStep }: MoveDeps,
  ponteName: string,
  isMoved: boolean,
  isEnough: (waiting: Waiting) => boolean,
): Promise<void> {
  onStep('waiting for Ponte to bring in what it has');
  let last: Waiting | undefined;
  const isDone = await until(isMoved ? patienceMs : Math.min(SHORT_MS, patienceMs), async () => {
    last = await ponte.waiting(ponteName);
    return last !== undefined && isEnough(last);
  });
  if (isDone || !isMoved) return;
  const left = last === undefined ? 'messages' : `${last.toChatwoot} messages of customers and ${last.toWhatsapp} of agents`;
  throw new Obstacle(`${left} still wait in Ponte, see its console`);
}

async function takeOut(deps: MoveDeps, taken: Taken, known: PonteInstance, inboxId: number | undefined): Promise<void> {
  const { source, ponte, onStep, patienceMs } = deps;
  const { name, ponteName, own } = taken;
  // Where it calls as long as Ponte has it.
  const ours = inboxId === undefined ? undefined : await webhookOfInbox(own, inboxId);
  onStep('taking it out of Ponte');
  if (!taken.keepInstance) await ponte.deleteInstance(ponteName);
  else if (known.chatwoot.enabled) await ponte.deactivate(ponteName);
  const isBack = await until(patienceMs, async () => {
    if ((await source.deliversTo(name)).some((address) => address.includes(DELIVERY_PATH))) return false;
    return ours === undefined || inboxId === undefined || (await webhookOfInbox(own, inboxId)) !== ours;
  });
  if (!isBack)
    throw new Obstacle(`Ponte has not given everything back yet — inbox ${inboxId ?? ''} has to call ${own.webhookUrl}`);
}

async function resume({ source: { handover, title }, onStep }: MoveDeps, name: string): Promise<void> {
  if (handover.kind !== 'pause') return;
  onStep(`starting it in ${title}`);
  await handover.resume(name);
}
