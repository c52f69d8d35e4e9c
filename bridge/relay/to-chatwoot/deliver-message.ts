import { setTimeout as delay } from 'node:timers/promises';
import type { MessageEvent } from '../../../shared/engines/event.ts';
import type { Allotment } from '../../../shared/memory/byte-budget.ts';
import { cutTo } from '../../../shared/text/cut.ts';
import { CONTENT_LENGTH } from '../../chatwoot/lengths.ts';
import type { Attachment } from '../../chatwoot/resources/messages.ts';
import { isOurSource, type ReplyKey, replyOf } from '../source-id.ts';
import type { Delivered } from './delivery.ts';
import { type Identity, identityOf } from './identity.ts';
import { fetchMedia, type MediaSources, toAttachment } from './media.ts';
import type { MessageMap } from './message-map.ts';
import type { PostMessage } from './post-message.ts';
import { DeliveryFailure, MediaUnavailable } from './relay-error.ts';
import { missingMedia, renderBody, renderText } from './render.ts';

/** What is known of an event beside its content. */
export interface Try {
  /** This one included. */
  readonly attempt: number;
  readonly lookUp: boolean;
  /** For the file of the message: given back after the try. */
  readonly allotment: Allotment;
}

/** Replies that agents' messages became. */
export interface ReplyEchoes {
  /** WhatsApp has it: that is what its echo proves. */
  onEcho(key: ReplyKey, whatsappId: string): Promise<void>;
  /** Whether a reply to one of these addresses is just being sent: the engine may tell of it before it answers. */
  isSendingTo(addresses: readonly string[]): Promise<boolean>;
}

/** A file that cannot be had at the moment is asked for this often; then the message goes without it. */
const MEDIA_TRIES = 5;
/** How long a message that left the phone may turn out to be one of ours. */
const ECHO_PATIENCE_MS = 5_000;
const ECHO_POLL_MS = 100;

/** A message into Chatwoot: the customer's as incoming, one that was typed on the phone as outgoing, the echo of a reply not at all. */
export function createMessageDelivery(deps: {
  integrationId: string;
  map: MessageMap;
  post: PostMessage;
  media: MediaSources;
  echoes: ReplyEchoes;
}) {
  const { integrationId, map, post, media, echoes } = deps;

  return async function deliverMessage(event: MessageEvent, { attempt, lookUp, allotment }: Try): Promise<Delivered> {
    if (event.direction === 'outgoing' && isOurSource(event.source)) {
      const key = replyOf(event.source);
      // Whoever can write events must not be able to speak about replies of others.
      if (key?.integrationId === integrationId) await echoes.onEcho(key, event.id);
      return 'nothing to do';
    }
    const identity = identityOf(event.chat);
    if (await isKnown(event, identity)) return 'nothing to do';
    const { text, attachment } = await contentOf(event, attempt, allotment);
    const common = { whatsappId: event.id, identity, direction: event.direction, sentAt: event.sentAt, replyTo: event.replyTo };
    try {
      await post({ ...common, content: renderText(event, text), attachment, lookUp });
    } catch (error) {
      if (attachment === undefined || event.body.type !== 'media' || !isTooLarge(error)) throw error;
      const note = missingMedia(event.body.media.kind, `Chatwoot takes no file of ${megabytes(attachment)} MB`);
      await post({ ...common, content: renderText(event, join(text, note)), lookUp });
    }
    return 'done';
  };

  async function isKnown(event: MessageEvent, identity: Identity): Promise<boolean> {
    if ((await map.find(event.id)) !== null) return true;
    if (event.direction === 'incoming') return false;
    // An engine that does not repeat `source` tells of our own message like of any other.
    const addresses = [...identity.addresses, identity.sourceId];
    const until = Date.now() + ECHO_PATIENCE_MS;
    while (Date.now() < until && (await echoes.isSendingTo(addresses))) await delay(ECHO_POLL_MS);
    return (await map.find(event.id)) !== null;
  }

  async function contentOf(
    { id, body }: MessageEvent,
    attempt: number,
    allotment: Allotment,
  ): Promise<{ text: string; attachment?: Attachment }> {
    const text = renderBody(body);
    if (body.type !== 'media') return { text };
    const file = await fetchMedia(body.media, id, media, allotment);
    if (file.kind === 'file') return { text, attachment: toAttachment(body.media, file, id) };
    // That there was no room for it here is no reason to go without it.
    if (file.kind === 'later' && (attempt < MEDIA_TRIES || allotment.hasStalled()))
      throw new MediaUnavailable(`a file waits: ${file.reason}`);
    return { text: join(text, missingMedia(body.media.kind, file.reason)) };
  }
}

/** What stands at the end of a text must not be what is cut off of it, nor may what groups and forwarding put before it push it out. */
const ROOM_FOR_NOTES = 2_000;
const join = (text: string, note: string): string =>
  text === '' ? note : `${cutTo(text, CONTENT_LENGTH - ROOM_FOR_NOTES, '…')}\n\n${note}`;
const megabytes = ({ bytes }: Attachment): number => Math.ceil(bytes.length / 1_048_576);

/** A proxy in front of Chatwoot decides how much it lets through. */
const isTooLarge = (error: unknown): boolean =>
  error instanceof DeliveryFailure && error.failure.response.kind === 'response' && error.failure.response.status === 413;
