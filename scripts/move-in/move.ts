import { setTimeout as delay } from 'node:timers/promises';
import { Obstacle } from './call.ts';
import { inboxesOf } from './chatwoot-inbox.ts';
import type { EvolutionApi, EvolutionChatwoot } from './evolution-api.ts';
import type { ChatwootBlock, PonteApi } from './ponte-api.ts';
import { isSame, type Move } from './survey.ts';

export interface MoveDeps {
  readonly evolution: EvolutionApi;
  readonly ponte: PonteApi;
  /** How long Ponte may take to have the engine deliver to it, or to give something back. */
  readonly patienceMs: number;
  /** Told of each step, in a few words. */
  readonly onStep: (step: string) => void;
}

/** What the engine delivers to Ponte goes to an address below this. */
const DELIVERY_PATH = '/api/events/engine/';
const POLL_MS = 250;

const blockOf = (chatwoot: EvolutionChatwoot, inbox: { id: number; name?: string | null | undefined }): ChatwootBlock => ({
  chatwootBaseUrl: chatwoot.url,
  chatwootAccountId: Number(chatwoot.accountId),
  chatwootApiToken: chatwoot.token,
  chatwootInboxId: inbox.id,
  inboxName: inbox.name || chatwoot.nameInbox,
  signMessages: chatwoot.signMsg === true,
  reopenResolved: chatwoot.reopenConversation === true,
  startAsPending: chatwoot.conversationPending === true,
});

/**
 * Moves one instance: Ponte first, then Evolution's own Chatwoot off, so that there is always one of them who brings a message into Chatwoot;
 * for as long as both do, Ponte looks whether a message stands there already. Throws Obstacle; the instance is as it was then.
 */
export async function moveOne(deps: MoveDeps, { name, ponteName, isKnown, token, chatwoot, inbox }: Move): Promise<void> {
  const { evolution, ponte, onStep } = deps;
  try {
    onStep('making it in Ponte');
    if (!isKnown) await ponte.createInstance({ name: ponteName, engine: { kind: 'evolution', url: evolution.url, token, name } });
    onStep(`taking over inbox ${inbox.id}`);
    await ponte.activate(ponteName, blockOf(chatwoot, inbox));
    onStep('waiting for Evolution to deliver to Ponte');
    const isOurs = await until(deps.patienceMs, async () => (await evolution.webhookOf(name))?.includes(DELIVERY_PATH) === true);
    if (!isOurs)
      throw new Obstacle('Ponte could not have Evolution deliver events to it — `GET /api/instance/list` of Ponte says why');
    onStep('switching Evolution’s own Chatwoot off');
    await evolution.switchChatwoot(name, chatwoot, false);
  } catch (error) {
    onStep('taking everything back');
    const left = await undoOne(deps, { name, ponteName, chatwoot, isActive: false, keepInstance: isKnown }).then(
      () => '',
      (failure: unknown) =>
        ` — and it could not be taken back: ${failure instanceof Error ? failure.message : 'unknown'}; run it again with --undo`,
    );
    throw error instanceof Obstacle ? new Obstacle(`${error.message}${left}`) : error;
  }
}

/**
 * Gives one instance back to Evolution: its own Chatwoot on, then out of Ponte, which gives the inbox its webhook back. Safe to be repeated.
 * Throws Obstacle.
 */
export async function undoOne(
  deps: MoveDeps,
  moved: {
    readonly name: string;
    readonly ponteName: string;
    readonly chatwoot: EvolutionChatwoot;
    /** Whether messages have been relayed by Ponte alone. */
    readonly isActive: boolean;
    /** It was in Ponte before anything was moved. */
    readonly keepInstance: boolean;
  },
): Promise<void> {
  const { evolution, ponte, onStep } = deps;
  const { name, ponteName, chatwoot } = moved;
  const known = (await ponte.instances()).find(
    (instance) => instance.name === ponteName && isSame(instance, evolution.url, name),
  );
  const inboxId = known?.chatwoot.chatwoot_inbox_id ?? undefined;
  if (moved.isActive && known?.chatwoot.enabled && inboxId != null) {
    onStep('telling Ponte that the inbox changes hands');
    await ponte.activate(ponteName, blockOf(chatwoot, { id: inboxId }));
  }
  onStep('switching Evolution’s own Chatwoot on');
  await evolution.switchChatwoot(name, chatwoot, true);
  if (known === undefined) return;
  onStep('taking it out of Ponte');
  if (!moved.keepInstance) await ponte.deleteInstance(ponteName);
  else if (known.chatwoot.enabled) await ponte.deactivate(ponteName);
  const isBack = await until(deps.patienceMs, async () => {
    if ((await evolution.webhookOf(name))?.includes(DELIVERY_PATH)) return false;
    if (inboxId == null) return true;
    const inbox = (await inboxesOf(chatwoot)).find(({ id }) => id === inboxId);
    return inbox === undefined || inbox.webhook_url === chatwoot.webhook_url;
  });
  if (!isBack)
    throw new Obstacle(`Ponte has not given everything back yet — inbox ${inboxId ?? ''} has to call ${chatwoot.webhook_url}`);
}

/** Whether it holds within that time. */
async function until(patienceMs: number, holds: () => Promise<boolean>): Promise<boolean> {
  const endsAtMs = Date.now() + patienceMs;
  for (;;) {
    if (await holds()) return true;
    if (Date.now() >= endsAtMs) return false;
    await delay(POLL_MS);
  }
}
