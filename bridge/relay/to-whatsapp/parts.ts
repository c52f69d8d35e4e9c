import type { OutgoingFileType } from '../../../shared/engines/engine.ts';
import { LONGEST_TEXT } from '../../../shared/engines/ryzeapi/message-request.ts';
import { splitText } from '../../../shared/text/split.ts';
import type { Texts } from '../../texts/texts.ts';
import { attachmentMedia } from './attachment-media.ts';
import type { AgentMessage, Attachment } from './webhook-event.ts';
import { toWhatsappText } from './whatsapp-text.ts';

/** One thing to send. */
export type Part =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'media';
      readonly type: OutgoingFileType;
      /** Where the engine fetches it. */
      readonly url: string;
      readonly caption: string;
      readonly mimeType: string;
      readonly fileName: string;
      readonly isVoice: boolean;
    }
  /** Deletes for everyone what was sent. */
  | { readonly kind: 'revoke'; readonly whatsappId: string }
  /** What cannot be sent at all; the agent is told the reason. */
  | { readonly kind: 'impossible'; readonly reason: string };

export interface PartsSettings {
  readonly signMessages: boolean;
  readonly chatwootBaseUrl: string;
  readonly texts: Pick<Texts, 'replyReasons'>;
}

/**
 * What a message of Chatwoot is in WhatsApp, in the order it is sent: each attachment by itself, the text as the caption of the first one
 * that can have a caption, or else before them. Where it is longer than WhatsApp takes, it goes on in messages of its own. Nothing for a
 * message without content.
 */
export function partsOf(message: AgentMessage, settings: PartsSettings): Part[] {
  const text = textOf(message);
  const hasText = text !== '';
  const files = message.attachments.flatMap((attachment) => divided(fileOf(attachment, settings, hasText)));
  // Rather nothing at all than a message with a hole in it: the agent can send it whole.
  const impossible = files.find(({ kind }) => kind === 'impossible');
  if (impossible) return [impossible];
  const captioned = files.findIndex((file) => file.kind === 'media' && file.type !== 'audio');
  const hasCaption = captioned !== -1;
  const signature = settings.signMessages && message.agentName !== undefined ? signatureOf(message.agentName) : '';
  // A voice message without words is not worth a message that says only who speaks.
  const signed = text === '' && !hasCaption ? text : [signature, text].filter((line) => line !== '').join('\n');
  const [head = '', ...more] = splitText(signed, LONGEST_TEXT);
  if (hasCaption) {
    const rest = more.map(toText);
    return files.flatMap((file, index) => (index === captioned ? [{ ...file, caption: head }, ...rest] : [file]));
  }
  return [head, ...more]
    .filter((part) => part !== '')
    .map(toText)
    .concat(files);
}

const toText = (text: string): Part => ({ kind: 'text', text });
const divided = (part: Part): Part[] => (part.kind === 'text' ? splitText(part.text, LONGEST_TEXT).map(toText) : [part]);

function textOf({ content, items }: AgentMessage): string {
  return toWhatsappText([content, ...items.map((item) => `- ${item}`)].filter((line) => line.trim() !== '').join('\n'));
}

/** `*Name*:`, bold in WhatsApp. Asterisks in the name would end that early. */
function signatureOf(name: string): string {
  const plain = name.replace(/[*\s]+/g, ' ').trim();
  return plain === '' ? '' : `*${plain}*:`;
}

function fileOf(attachment: Attachment, { chatwootBaseUrl, texts }: PartsSettings, hasText: boolean): Part {
  const impossible = (reason: keyof Texts['replyReasons']): Part => ({ kind: 'impossible', reason: texts.replyReasons[reason] });
  switch (attachment.file_type) {
    case 'location':
      return locationOf(attachment) ?? impossible('locationEmpty');
    case 'contact':
      return contactOf(attachment) ?? impossible('cardEmpty');
    case 'fallback':
      return linkOf(attachment) ?? impossible('attachmentEmpty');
  }
  const url = reachable(attachment.data_url ?? '', chatwootBaseUrl);
  if (url === undefined) return impossible('attachmentWithoutAddress');
  return { kind: 'media', url: url.href, caption: '', ...attachmentMedia(attachment, url, hasText) };
}

function locationOf({
  coordinates_lat: latitude,
  coordinates_long: longitude,
  fallback_title: title,
}: Attachment): Part | undefined {
  if (typeof latitude !== 'number' || typeof longitude !== 'number') return undefined;
  const link = `https://maps.google.com/?q=${latitude},${longitude}`;
  return { kind: 'text', text: [title, link].filter(Boolean).join('\n') };
}

function contactOf({ fallback_title: phone, meta }: Attachment): Part | undefined {
  const names = [meta?.firstName, meta?.lastName].filter((name) => typeof name === 'string' && name.trim() !== '');
  const text = [names.join(' '), phone ?? ''].filter((line) => line.trim() !== '').join('\n');
  return text === '' ? undefined : { kind: 'text', text };
}

function linkOf({ fallback_title: title, data_url: url }: Attachment): Part | undefined {
  const text = [title, url].filter(Boolean).join('\n');
  return text === '' ? undefined : { kind: 'text', text };
}

const LOCAL_HOSTS = new Set(['localhost', '127.0.0.1', '0.0.0.0', '[::1]', '[::]']);

/**
 * Where the engine can fetch a file. An installation that was never told its own address (FRONTEND_URL) gives out one that works on
 * its own machine only; where we reach it under another, so does the engine.
 */
function reachable(dataUrl: string, chatwootBaseUrl: string): URL | undefined {
  if (!URL.canParse(dataUrl, chatwootBaseUrl)) return undefined;
  const url = new URL(dataUrl, chatwootBaseUrl);
  const base = new URL(chatwootBaseUrl);
  if (dataUrl === '' || !/^https?:$/.test(url.protocol)) return undefined;
  if (LOCAL_HOSTS.has(url.hostname) && !LOCAL_HOSTS.has(base.hostname)) {
    return new URL(`${url.pathname}${url.search}`, base);
  }
  return url;
}
