import { setTimeout as delay } from 'node:timers/promises';
import type { MessageEvent } from '../../../shared/engines/event.ts';
import { fullnesses, fullnessOf, isFuller } from '../../../shared/engines/fullness.ts';
import type { Allotment } from '../../../shared/memory/byte-budget.ts';
import { cutTo } from '../../../shared/text/cut.ts';
import type { ChatwootClient } from '../../chatwoot/client.ts';
import { CONTENT_LENGTH } from '../../chatwoot/lengths.ts';
import type { Attachment } from '../../chatwoot/resources/messages.ts';
import type { Texts } from '../../texts/texts.ts';
import { spellingsOfAddress } from '../address.ts';
import { isOurSource, partialId, type ReplyKey, replyOf } from '../source-id.ts';
import type { Delivered } from './delivery.ts';
import type { EventSource } from './early-events.ts';
import type { Identity } from './identity.ts';
import { fetchMedia, type MediaSources, toAttachment } from './media.ts';
import type { MentionNames } from './mention-names.ts';
import type { MessageMap, PartialMessage } from './message-map.ts';
import type { PostMessage } from './post-message.ts';
import { findValue, MediaUnavailable } from './relay-error.ts';
import { renderAsNote, renderBody, renderText } from './render.ts';
import { uploadTrouble } from './upload-trouble.ts';

/** What is known of an event beside its content. */
export interface Try {
  /** This one included. */
  readonly attempt: number;
  /** Since when the bridge has the event, by `performance.now()`. */
  readonly takenAtMs?: number | undefined;
  readonly lookUp: boolean;
  /** What it was read from, whole. */
  readonly source: EventSource;
  /** For the file of the message: given back after the try. */
  readonly allotment: Allotment;
  /** It has waited for the message that it is about, and waits no more. */
  readonly isLate?: boolean | undefined;
  /** It was set aside, or its file was: what is there of it does not count as all there will be. */
  readonly isAgain: boolean;
}

/** Replies that agents' messages became. */
export interface ReplyEchoes {
  /** WhatsApp has it: that is what its echo proves. */
  onEcho(key: ReplyKey, whatsappId: string): Promise<void>;
  /** Whether a reply to one of these addresses is just being sent: the engine may tell of it before it answers. */
  isSendingTo(addresses: readonly string[]): Promise<boolean>;
  /** The reply to one of these addresses that a message is of which the engine does not say that it is ours; undefined for none. */
  unprovenReply(event: MessageEvent, addresses: readonly string[]): Promise<ReplyKey | undefined>;
}

/** A file that cannot be had at the moment is asked for this often; then the message goes without it. */
const MEDIA_TRIES = 5;
/** For so long it is asked for where it is the api that is away, as when it is restarted: what else there is comes from the api as well. */
const API_PATIENCE_MS = 60_000;
/** How long a message that left the phone may turn out to be one of ours. */
const ECHO_PATIENCE_MS = 5_000;
const ECHO_POLL_MS = 100;

/** What Chatwoot can be shown of a message now. */
type Content =
  | { readonly kind: 'whole'; readonly text: string; readonly attachment?: Attachment | undefined }
  /** Less than all of it: `waitsFor` where its file is asked for again, by itself. */
  | { readonly kind: 'partial'; readonly text: string; readonly waitsFor?: string | undefined };

/**
 * A message into Chatwoot: the customer's as incoming, one that was typed on the phone as outgoing, the echo of a reply not at all. What is
 * not all of it yet is posted under an id of its own, and taken away when there is more.
 */
export function createMessageDelivery(deps: {
  integrationId: string;
  client: ChatwootClient;
  map: MessageMap;
  post: PostMessage;
  media: MediaSources;
  echoes: ReplyEchoes;
  /** Whether somebody else may have brought a message of that time into the inbox. */
  mayStandThere: (sentAt: Date | undefined) => boolean;
  mentions: MentionNames;
  texts: () => Texts;
}) {
  const { integrationId, map, media, echoes } = deps;

  return async function deliverMessage(told: MessageEvent, identity: Identity, tried: Try): Promise<Delivered> {
    if (told.direction === 'outgoing' && isOurSource(told.source)) {
      const key = replyOf(told.source);
      // Whoever can write events must not be able to speak about replies of others.
      if (key?.integrationId === integrationId) await echoes.onEcho(key, told.id);
      return 'nothing to do';
    }
    const known = await partsOf(told, identity);
    if (known.whole !== undefined) return takeAway(known.partial);
    const sent = told.direction === 'outgoing' ? await echoes.unprovenReply(told, addressesOf(identity)) : undefined;
    if (sent !== undefined) {
      await echoes.onEcho(sent, told.id);
      return 'nothing to do';
    }
    const fullness = fullnessOf(told.body);
    const shown = known.partial.find((partial) => !isFuller(fullness, partial.fullness));
    if (shown !== undefined && !tried.isAgain) {
      // What came of it last time was not written down any more.
      const mayWait = shown.fullness === fullness && told.body.type === 'media';
      return mayWait ? { waitsFor: deps.texts().fileReasons.engineAway } : 'nothing to do';
    }
    const event = await deps.mentions.named(told);
    return deliver(event, identity, { ...tried, shown, known: known.partial });
  };

  async function deliver(
    event: MessageEvent,
    identity: Identity,
    tried: Try & { readonly shown: PartialMessage | undefined; readonly known: readonly PartialMessage[] },
  ): Promise<Delivered> {
    const texts = deps.texts();
    const { direction, sentAt, replyTo, quotedText } = event;
    const except = tried.known.map(({ chatwootMessageId }) => chatwootMessageId);
    const mayStandThere = deps.mayStandThere(sentAt);
    const common = {
      identity,
      direction,
      sentAt,
      replyTo,
      quotedText,
      lookUp: tried.lookUp,
      except,
      mayStandThere,
      takenAtMs: tried.takenAtMs,
    };
    const post = (whatsappId: string, text: string, attachment?: Attachment) => {
      const content = renderText(event, text, texts);
      const history = event.isHistory
        ? { heading: texts.historyHeading, asNote: renderAsNote(event, content, texts), isLate: tried.isAgain }
        : undefined;
      return deps.post({ ...common, whatsappId, content, history, attachment });
    };
    const content = await contentOf(event, tried, texts);
    let partial = content.kind === 'partial' ? content : undefined;
    if (content.kind === 'whole') {
      try {
        await post(event.id, content.text, content.attachment);
      } catch (error) {
        const trouble = content.attachment === undefined ? undefined : uploadTrouble(error, tried.attempt);
        if (trouble === undefined || content.attachment === undefined) throw error;
        const text = withNote(event, content.text, noteOf(trouble, content.attachment, texts), texts, trouble === 'passing');
        if (trouble === 'passing') partial = { kind: 'partial', text, waitsFor: texts.fileReasons.chatwootRefuses };
        else await post(event.id, text);
      }
    }
    if (partial !== undefined && tried.shown === undefined) await post(partialId(event.id, fullnessOf(event.body)), partial.text);
    await takeAway(tried.known.filter((other) => partial === undefined || isFuller(fullnessOf(event.body), other.fullness)));
    return partial?.waitsFor === undefined ? 'done' : { waitsFor: partial.waitsFor };
  }

  /** There is more in their place. */
  async function takeAway(partials: readonly PartialMessage[]): Promise<Delivered> {
    for (const { whatsappId, conversationId, chatwootMessageId } of partials) {
      await findValue(deps.client.messages.delete(conversationId, chatwootMessageId));
      await map.forget(whatsappId);
    }
    return partials.length === 0 ? 'nothing to do' : 'done';
  }

  async function partsOf(event: MessageEvent, identity: Identity): ReturnType<MessageMap['findParts']> {
    const parts = await map.findParts(event.id);
    if (parts.whole !== undefined || event.direction === 'incoming') return parts;
    // An engine that does not repeat `source` tells of our own message like of any other.
    const addresses = addressesOf(identity);
    const until = Date.now() + ECHO_PATIENCE_MS;
    while (Date.now() < until && (await echoes.isSendingTo(addresses))) await delay(ECHO_POLL_MS);
    return map.findParts(event.id);
  }

  async function contentOf(event: MessageEvent, { attempt, takenAtMs, isAgain, allotment }: Try, texts: Texts): Promise<Content> {
    const { id, body } = event;
    const text = renderBody(body, texts);
    const fullness = fullnessOf(body);
    if (body.type !== 'media') return { kind: fullness === 'whole' ? 'whole' : 'partial', text };
    const file = await fetchMedia(body.media, id, media, allotment);
    if (file.kind === 'file') return { kind: 'whole', text, attachment: toAttachment(body.media, file, id) };
    const reason = texts.fileReasons[file.reason];
    const mayFollow = file.kind === 'later';
    // That there was no room for it here is no reason to go without it.
    // Nor does what was written long ago keep anybody waiting who writes now.
    const isApiAway = file.reason === 'apiSilent' && takenAtMs !== undefined && performance.now() - takenAtMs < API_PATIENCE_MS;
    const mayWait = ((attempt < MEDIA_TRIES || isApiAway) && !event.isHistory) || allotment.hasStalled();
    if (mayFollow && mayWait && !isAgain) throw new MediaUnavailable(`a file waits: ${reason}`);
    const noted = withNote(event, text, reason, texts, mayFollow);
    if (mayFollow) return { kind: 'partial', text: noted, waitsFor: reason };
    // What is too large stays so; what the engine does not have may yet come in an event of its own.
    return { kind: file.reason === 'tooLarge' || fullness === fullnesses.at(-1) ? 'whole' : 'partial', text: noted };
  }
}

const addressesOf = ({ addresses, sourceId }: Identity): string[] => [...addresses, sourceId].flatMap(spellingsOfAddress);

function noteOf(trouble: 'passing' | 'too large', { bytes }: Attachment, texts: Texts): string {
  if (trouble === 'passing') return texts.fileReasons.chatwootRefuses;
  return texts.fileTooLargeForChatwoot(Math.ceil(bytes.length / 1_048_576));
}

/** What stands at the end of a text must not be what is cut off of it, nor may what groups and forwarding put before it push it out. */
const ROOM_FOR_NOTES = 2_000;

function withNote({ body }: MessageEvent, text: string, reason: string, texts: Texts, mayFollow: boolean): string {
  const note = texts.missingFile(body.type === 'media' ? body.media.kind : 'document', reason, mayFollow);
  return text === '' ? note : `${cutTo(text, CONTENT_LENGTH - ROOM_FOR_NOTES, '…')}\n\n${note}`;
}
