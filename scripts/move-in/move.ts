import { Obstacle } from './call.ts';
import type { Move, Moved } from './survey.ts';
import { takeBack } from './take-back.ts';
import { type MoveDeps, takeOver } from './take-over.ts';

/**
 * Moves one instance. Where both may bring messages into Chatwoot for a while, Ponte comes first and its own Chatwoot is switched off then, so
 * that there is always one who does; else it is paused meanwhile. Throws Obstacle; the instance is as it was then.
 */
export async function moveOne(deps: MoveDeps, move: Move): Promise<void> {
  const { source, ponte, onStep } = deps;
  const { name, ponteName, isKnown, token, own } = move;
  const { handover, kind, url, title } = source;
  try {
    onStep('making it in Ponte');
    if (!isKnown) await ponte.createInstance({ name: ponteName, engine: { kind, url, token, name } });
    const switchOff = () => {
      onStep('switching its own Chatwoot off');
      return source.switchChatwoot(name, own, false);
    };
    if (handover.kind === 'overlap') {
      await takeOver(deps, move);
      await switchOff();
    } else {
      onStep(`stopping it in ${title}: WhatsApp keeps what comes`);
      await handover.pause(name);
      // From here on it refuses what agents write, and they see that; it would take it, and forget it, otherwise.
      await switchOff();
      await takeOver(deps, move);
      onStep(`starting it in ${title}`);
      await handover.resume(name);
    }
  } catch (error) {
    onStep('taking everything back');
    const left = await takeBack(deps, { name, ponteName, own, isMoved: false, keepInstance: isKnown }).then(
      () => '',
      (failure: unknown) =>
        ` — and it could not be taken back: ${failure instanceof Error ? failure.message : 'unknown'}; run it again with --undo`,
    );
    throw error instanceof Obstacle ? new Obstacle(`${error.message}${left}`) : error;
  }
}

/** Gives one instance back: its own Chatwoot on, then out of Ponte, which gives the inbox its webhook back. Safe to be repeated. Throws Obstacle. */
export const undoOne = (deps: MoveDeps, { name, ponteName, own }: Pick<Moved, 'name' | 'ponteName' | 'own'>): Promise<void> =>
  takeBack(deps, { name, ponteName, own, isMoved: true, keepInstance: false });
