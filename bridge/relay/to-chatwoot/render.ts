import type { ContactCard, Location, MediaKind, MessageBody, MessageEvent, Party } from '../../../shared/engines/event.ts';
import { shownNumber } from './identity.ts';
import { plain, toMarkdown } from './markdown.ts';

const MEDIA_NAMES: Readonly<Record<MediaKind, string>> = {
  image: 'picture',
  video: 'video',
  audio: 'audio file',
  voice: 'voice message',
  video_note: 'video message',
  sticker: 'sticker',
  document: 'document',
};

/** The text of a message for Chatwoot, without what only groups need. Of media the caption; empty where there is none. */
export function renderBody(body: MessageBody): string {
  switch (body.type) {
    case 'text':
      return toMarkdown(body.text);
    case 'media':
      return toMarkdown(body.caption);
    case 'location':
      return renderLocation(body.location);
    case 'contacts':
      return body.contacts.map(renderContact).join('\n\n');
    case 'choice':
      return body.text === '' ? '☑️ An option was chosen — see it on the phone' : `☑️ ${toMarkdown(body.text)}`;
    case 'poll':
      return [`📊 **${plain(body.question)}**`, ...body.options.map((option) => `- ${plain(option)}`)].join('\n');
    case 'vote':
      return renderVote(body.question, body.options);
    case 'placeholder':
      return '⏳ Waiting for this message — it may be on the phone already';
    case 'unsupported':
      return renderUnsupported(body.name, body.text);
  }
}

function renderLocation({ latitude, longitude, name, address }: Location): string {
  const lines = [
    `📍 ${
      [name, address]
        .filter((part) => part !== '')
        .map(plain)
        .join('\n') || 'Location'
    }`,
  ];
  return [...lines, `https://www.google.com/maps?q=${latitude},${longitude}`].join('\n');
}

function renderContact({ name, phones }: ContactCard): string {
  return [
    `👤 **${plain(name === '' ? 'Contact' : name)}**`,
    ...phones.map((phone) => (/^\d{8,}$/.test(phone) ? `+${phone}` : plain(phone))),
  ].join('\n');
}

function renderVote(question: string, options: readonly string[]): string {
  const chosen = options.length === 0 ? 'took the vote back' : `voted: ${options.map(plain).join(', ')}`;
  return question === '' ? `🗳️ ${chosen}` : `🗳️ **${plain(question)}**\n${chosen}`;
}

const renderUnsupported = (name: string, text: string): string => {
  const note = `ℹ️ A message of a kind that cannot be shown here (${plain(name.replaceAll('_', ' '))}) — see it on the phone`;
  return text === '' ? note : `${note}:\n${toMarkdown(text)}`;
};

/** Says that a file is missing, and why; `reason` is for people. */
export const missingMedia = (kind: MediaKind, reason: string): string =>
  `⚠️ A ${MEDIA_NAMES[kind]} belongs here, but ${reason} — see it on the phone`;

export const renderEdit = (text: string): string => `✏️ Edited:\n${toMarkdown(text)}`;
export const renderReaction = (emoji: string): string => (emoji === '' ? '↩️ Reaction removed' : emoji);
export const renderRevocation = (): string => '🚫 This message was deleted on WhatsApp';
export const renderCall = (video: boolean): string =>
  `📞 ${video ? 'Video' : 'Voice'} call on WhatsApp — it can only be answered on the phone`;

/** In a group everybody writes into one conversation: each message begins with who wrote it. */
export function withSender(text: string, sender: Party): string {
  const number = shownNumber(sender);
  const name = sender.name === undefined ? '' : plain(sender.name);
  const who = name === '' ? number || 'Unknown member' : number === '' ? name : `${name} (${number})`;
  return text === '' ? `**${who}:**` : `**${who}:**\n${text}`;
}

/** The text of a message as it goes to Chatwoot: with its sender in groups, marked when forwarded. */
export function renderText({ chat, direction, sender, forwarded }: MessageEvent, text: string): string {
  const marked = forwarded ? `↪️ Forwarded\n${text}`.trimEnd() : text;
  return chat.type === 'group' && direction === 'incoming' ? withSender(marked, sender) : marked;
}
