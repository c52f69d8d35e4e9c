import type { Ad, ContactCard, Location, MessageBody, MessageEvent, Party } from '../../../shared/engines/event.ts';
import type { Texts } from '../../texts/texts.ts';
import { shownNumber } from './identity.ts';
import { plain, toMarkdown } from './markdown.ts';

/** The text of a message for Chatwoot, without what only groups need. Of media the caption; empty where there is none. */
export function renderBody(body: MessageBody, texts: Texts): string {
  switch (body.type) {
    case 'text':
      return toMarkdown(body.text);
    case 'media':
      return toMarkdown(body.caption);
    case 'location':
      return renderLocation(body.location, texts);
    case 'contacts':
      return body.contacts.map((card) => renderContact(card, texts)).join('\n\n');
    case 'choice':
      return `☑️ ${body.text === '' ? texts.optionChosen : toMarkdown(body.text)}`;
    case 'poll':
      return [`📊 **${plain(body.question)}**`, ...body.options.map((option) => `- ${plain(option)}`)].join('\n');
    case 'vote':
      return renderVote(body.question, body.options, texts);
    case 'placeholder':
      return texts.placeholder;
    case 'unsupported':
      return renderUnsupported(body.name, body.text, texts);
  }
}

function renderLocation({ latitude, longitude, name, address, isLive }: Location, texts: Texts): string {
  const told = [name, address].filter((part) => part !== '').map(plain);
  const lines = isLive ? [texts.liveLocation, ...told] : told.length > 0 ? told : [texts.location];
  return [`📍 ${lines.join('\n')}`, `https://www.google.com/maps?q=${latitude},${longitude}`].join('\n');
}

function renderContact({ name, phones }: ContactCard, texts: Texts): string {
  return [
    `👤 **${plain(name === '' ? texts.contact : name)}**`,
    ...phones.map((phone) => (/^\d{8,}$/.test(phone) ? `+${phone}` : plain(phone))),
  ].join('\n');
}

function renderVote(question: string, options: readonly string[], texts: Texts): string {
  const chosen = options.length === 0 ? texts.voteTakenBack : texts.voted(options.map(plain).join(', '));
  return question === '' ? `🗳️ ${chosen}` : `🗳️ **${plain(question)}**\n${chosen}`;
}

function renderUnsupported(name: string, text: string, texts: Texts): string {
  const note = texts.unsupported(plain(name.replaceAll('_', ' ')));
  return text === '' ? note : `${note}:\n${toMarkdown(text)}`;
}

/** The ad that brought a customer, behind what he wrote. */
function renderAd({ title, body, url }: Ad, texts: Texts): string {
  const what = plain(title || body.split('\n', 1)[0] || '');
  return [`📣 ${texts.ad}${what === '' ? '' : `: **${what}**`}`, url].filter((line) => line !== '').join('\n');
}

/** An empty text: WhatsApp keeps the new one from linked devices. */
export const renderEdit = (text: string, texts: Texts): string =>
  text === '' ? `✏️ ${texts.editedUnseen}` : `✏️ ${texts.edited}:\n${toMarkdown(text)}`;
export const renderReaction = (emoji: string, texts: Texts): string => (emoji === '' ? `↩️ ${texts.reactionRemoved}` : emoji);
export const renderRevocation = (texts: Texts): string => `🚫 ${texts.deletedOnWhatsapp}`;
export const renderCall = (video: boolean, texts: Texts): string => `📞 ${texts.call(video)}`;

/** In a group everybody writes into one conversation: each message begins with who wrote it. */
export function withSender(text: string, sender: Party, texts: Texts): string {
  const number = shownNumber(sender);
  const name = sender.name === undefined ? '' : plain(sender.name);
  const who = name === '' ? number || texts.unknownMember : number === '' ? name : `${name} (${number})`;
  return text === '' ? `**${who}:**` : `**${who}:**\n${text}`;
}

/** The text of a message as it goes to Chatwoot: with its sender in groups, marked when forwarded, with the ad it came from. */
export function renderText(event: MessageEvent, text: string, texts: Texts): string {
  const { sentAt, isHistory } = event;
  const said = renderSaid(event, text, texts);
  // Chatwoot shows when it was told of a message, and that only.
  return isHistory && sentAt !== undefined ? `🕓 ${texts.writtenAt(sentAt)}\n${said}`.trimEnd() : said;
}

/** The same where it is not shown as a message of whoever wrote it: with their name. */
export function renderAsNote({ chat, direction, sender }: MessageEvent, content: string, texts: Texts): string {
  if (direction === 'outgoing') return `**${texts.fromPhone}:**\n${content}`;
  return chat.type === 'group' ? content : withSender(content, sender, texts);
}

function renderSaid({ chat, direction, sender, forwarded, ad }: MessageEvent, text: string, texts: Texts): string {
  const marked = forwarded ? `↪️ ${texts.forwarded}\n${text}`.trimEnd() : text;
  const whole = ad === undefined ? marked : [marked, renderAd(ad, texts)].filter((part) => part !== '').join('\n\n');
  return chat.type === 'group' && direction === 'incoming' ? withSender(whole, sender, texts) : whole;
}
