import type { OutgoingAction } from '../../action.ts';
import type { ActionCall, SendOutcome } from '../../engine.ts';
import { outcomeOf } from './answer.ts';
import { jidOf } from './jid.ts';
import { request } from './request.ts';

/** Deletes, edits or answers with an emoji. The engine says yes to messages that it does not know, too. */
export async function act(call: ActionCall): Promise<SendOutcome> {
  const { action } = call;
  const outcome = await outcomeOf(call, await request(call, requestOf(action)));
  if (outcome.kind === 'failed') return outcome;
  const data = { messageId: action.messageId, chat: { jid: jidOf(action.recipient) } };
  return { kind: 'sent', answer: { success: true, message: 'Done', status: 'sent', data } };
}

function requestOf(action: OutgoingAction) {
  const remoteJid = jidOf(action.recipient);
  const participant = action.author === undefined ? {} : { participant: jidOf(action.author) };
  const key = { id: action.messageId, remoteJid, fromMe: action.isOurs, ...participant };
  switch (action.kind) {
    case 'revoke':
      return { method: 'DELETE', path: '/chat/deleteMessageForEveryone', json: key } as const;
    case 'edit':
      // The engine compares the number with what it stored of the message: both have to be the chat's own JID.
      return { method: 'POST', path: '/chat/updateMessage', json: { number: remoteJid, text: action.text, key } } as const;
    case 'reaction':
      return { method: 'POST', path: '/message/sendReaction', json: { key, reaction: action.emoji } } as const;
  }
}
