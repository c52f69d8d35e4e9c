import { PonteError } from '../../errors/ponte-error.ts';
import { sentAs } from '../answers.ts';
import type { ActionCall, SendOutcome } from '../engine.ts';
import { refused } from '../engine-errors.ts';
import { jidOf } from '../jid.ts';
import { callEngine, type Flavour, flavourOf } from './request.ts';

/** Reactions, edits and deletions. Neither takes nothing for an emoji or a text. */
export async function act({ action, ...call }: ActionCall): Promise<SendOutcome> {
  const jid = jidOf(action.recipient);
  if (jid === undefined)
    return { kind: 'failed', error: refused(`${action.recipient} is no address that WhatsApp has`, call.access) };
  if (action.kind === 'edit' && action.text.trim() === '')
    return { kind: 'failed', error: refused('a message cannot be edited to nothing', call.access) };
  const flavour = await flavourOf(call);
  if (flavour instanceof PonteError) return { kind: 'failed', error: flavour };
  const answer = await callEngine(call, { method: 'POST', ...requestOf(action, jid, flavour), isHarmless: false });
  return answer.ok ? sentAs(action.messageId) : { kind: 'failed', error: answer.error };
}

const REMOVED = 'remove';

function requestOf(action: ActionCall['action'], jid: string, flavour: Flavour): { path: string; json: unknown } {
  const { messageId, isOurs } = action;
  const isWuzapi = flavour === 'wuzapi';
  switch (action.kind) {
    case 'reaction': {
      const author = isOurs || action.author === undefined ? undefined : jidOf(action.author);
      const emoji = action.emoji || REMOVED;
      return isWuzapi
        ? {
            path: '/chat/react',
            json: { Phone: jid, Body: emoji, Id: isOurs ? `me:${messageId}` : messageId, Participant: author },
          }
        : { path: '/message/react', json: { number: jid, reaction: emoji, id: messageId, fromMe: isOurs, participant: author } };
    }
    case 'edit':
      return isWuzapi
        ? { path: '/chat/send/edit', json: { Phone: jid, Body: action.text, Id: messageId } }
        : { path: '/message/edit', json: { chat: jid, message: action.text, messageId } };
    case 'revoke':
      return isWuzapi
        ? { path: '/chat/delete', json: { Phone: jid, Id: messageId } }
        : { path: '/message/delete', json: { chat: jid, messageId } };
  }
}
