import { sentAs } from '../answers.ts';
import type { ActionCall, SendOutcome } from '../engine.ts';
import { refused } from '../engine-errors.ts';
import { idOf } from '../fields.ts';
import { jidOf } from '../jid.ts';
import { callGowa } from './request.ts';

/** `POST /message/:id/reaction`, `update` or `revoke`. */
export async function act({ action, ...call }: ActionCall): Promise<SendOutcome> {
  const phone = jidOf(action.recipient);
  if (phone === undefined)
    return { kind: 'failed', error: refused(`${action.recipient} is no address that GOWA can send to`, call.access) };
  const path = `/message/${encodeURIComponent(action.messageId)}`;
  const asked =
    action.kind === 'reaction'
      ? { path: `${path}/reaction`, json: { phone, emoji: action.emoji } }
      : action.kind === 'edit'
        ? { path: `${path}/update`, json: { phone, message: action.text } }
        : { path: `${path}/revoke`, json: { phone } };
  const answer = await callGowa(call, { method: 'POST', ...asked, isHarmless: false });
  if (!answer.ok) return { kind: 'failed', error: answer.error };
  return sentAs(idOf(answer.results, 'message_id', 'id') || action.messageId);
}
