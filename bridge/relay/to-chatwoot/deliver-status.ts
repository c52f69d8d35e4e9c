import { setTimeout as delay } from 'node:timers/promises';
import type { StatusEvent } from '../../../shared/engines/event.ts';
import type { ChatwootClient } from '../../chatwoot/client.ts';
import { type Texts, undeliveredText } from '../../texts/texts.ts';
import { replyOf } from '../source-id.ts';
import type { ReplyEchoes } from './deliver-message.ts';
import type { Delivered } from './delivery.ts';
import type { MappedMessage, MessageMap } from './message-map.ts';
import { findValue } from './relay-error.ts';

const RANKS: Readonly<Record<string, number>> = { sent: 0, delivered: 1, read: 2 };
/** How long a receipt may be ahead of our own note of what was sent. */
const PATIENCE_MS = 5_000;
const POLL_MS = 100;
/** A receipt tells of some dozens; what is more than this is none, and would hold up its chat. */
const MOST_MESSAGES = 1_000;

/** What became of a message on WhatsApp, as the ticks that Chatwoot shows: only forward. */
export function createStatusDelivery(deps: {
  integrationId: string;
  client: ChatwootClient;
  map: MessageMap;
  echoes: ReplyEchoes;
  texts: () => Texts;
}) {
  const { integrationId, client, map, echoes } = deps;

  return async function deliverStatus(event: StatusEvent): Promise<Delivered> {
    const ids = [...new Set(event.messageIds)].slice(0, MOST_MESSAGES);
    await noteSent(event, ids);
    const status = statusOf(event);
    if (status === undefined) return 'nothing to do';
    const known = new Map((await map.findAll(ids)).map((message) => [message.whatsappId, message]));
    if (known.size < ids.length && (await awaitReplies(event))) {
      for (const message of await map.findAll(ids)) known.set(message.whatsappId, message);
    }
    const forward = ids
      .map((id) => known.get(id))
      .filter((message) => message !== undefined && isForward(message.status, status));
    for (const message of forward) if (message !== undefined) await tell(message, status, event.reason);
    return forward.length > 0 ? 'done' : 'nothing to do';
  };

  /** Whatever became of it, WhatsApp has it: an engine that sends no echo says so by its first status. */
  async function noteSent({ source }: StatusEvent, ids: readonly string[]): Promise<void> {
    const key = source === undefined ? undefined : replyOf(source);
    if (key?.integrationId !== integrationId) return;
    for (const id of ids) await echoes.onEcho(key, id);
  }

  /**
   * The engine may tell that a reply was delivered before we have written down under which id it was sent: waits for what is being sent
   * there, and answers whether there was anything that may be it.
   */
  async function awaitReplies({ chat }: StatusEvent): Promise<boolean> {
    if (chat === undefined) return false;
    const addresses = [chat.address, chat.number, chat.lid].filter((address) => address !== undefined);
    const until = Date.now() + PATIENCE_MS;
    while (Date.now() < until && (await echoes.isSendingTo(addresses))) await delay(POLL_MS);
    return true;
  }

  async function tell(message: MappedMessage, status: string, reason: string | undefined): Promise<void> {
    const { conversationId, chatwootMessageId, whatsappId } = message;
    const values = status === 'failed' ? { status, external_error: undeliveredText(deps.texts(), reason) } : { status };
    // A message that was deleted in Chatwoot has no ticks any more, and releases before 4.2.0 have none at all.
    await findValue(client.messages.setStatus(conversationId, chatwootMessageId, values));
    await map.setStatus(whatsappId, status);
  }
}

function statusOf({ status, chat }: StatusEvent): 'delivered' | 'read' | 'failed' | undefined {
  if (status === 'other') return undefined;
  // In a group this is one member's receipt: that everybody has read is more than it says.
  return status === 'read' && chat?.type === 'group' ? 'delivered' : status;
}

const isForward = (from: string, to: string): boolean =>
  to === 'failed' ? from === 'sent' : (RANKS[from] ?? 0) < (RANKS[to] ?? 0);
