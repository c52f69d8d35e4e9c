import type { AttachmentRow, MessageRow, MessageStatus } from './rows.ts';
import type { World } from './world.ts';

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (sign) => entities[sign] ?? sign);

/** The two marks agents can set for an API channel, bold and italic, on text that is escaped first. */
const formatted = (text: string): string =>
  escapeHtml(text)
    .replace(/\*\*([^*\n]+)\*\*/g, '<strong>$1</strong>')
    .replace(/(^|[\s(])\*([^*\s][^*\n]*)\*(?=$|[\s).,!?])/gm, '$1<em>$2</em>');

const timeOf = (time: number): string => new Date(time).toISOString().slice(11, 16);

const ticks: Record<MessageStatus, string> = { sent: '✓', delivered: '✓✓', read: '✓✓', failed: '✕' };

function attachmentHtml(attachment: AttachmentRow): string {
  // Paths, not addresses: the page works under whatever name it was reached.
  const path = `/rails/active_storage/blobs/redirect/${attachment.blobKey}/${encodeURIComponent(attachment.filename)}`;
  const name = escapeHtml(attachment.filename);
  const address = escapeHtml(path);
  switch (attachment.fileType) {
    case 'image':
      return `<a href="${address}"><img src="${address}" alt="${name}"></a>`;
    case 'audio':
      return `<audio controls preload="none" src="${address}" title="${name}"></audio>`;
    case 'video':
      return `<video controls preload="none" src="${address}" title="${name}"></video>`;
    case 'file':
      return `<div>File: <a href="${address}">${name}</a> <span class="soft">${Math.ceil(attachment.size / 1024)} KB</span></div>`;
  }
}

function senderName(world: World, message: MessageRow): string {
  const { sender } = message;
  if (sender?.type === 'User') return world.tables.users.get(sender.id)?.name ?? 'Agent';
  if (sender?.type === 'AgentBot') return world.tables.agentBots.get(sender.id)?.name ?? 'Bot';
  if (sender?.type === 'Contact') return world.tables.contacts.get(sender.id)?.name ?? 'Contact';
  return 'System';
}

function quoteHtml(world: World, message: MessageRow): string {
  const id = message.contentAttributes.in_reply_to;
  const quoted = typeof id === 'number' ? world.tables.messages.get(id) : undefined;
  return quoted ? `<blockquote>${escapeHtml((quoted.content ?? 'attachment').slice(0, 120))}</blockquote>` : '';
}

/** One message as a list item: side by direction, notes and failures marked, attachments shown in place. */
export function messageHtml(world: World, message: MessageRow): string {
  if (message.messageType === 'activity') return `<li class="activity">${escapeHtml(message.content ?? '')}</li>`;
  const note = message.private ? ' private' : '';
  const by = `${escapeHtml(senderName(world, message))}${message.private ? ' · private note' : ''}${message.messageType === 'template' ? ' · automatic' : ''}`;
  const error = message.contentAttributes.external_error;
  const why = typeof error === 'string' && message.status === 'failed' ? `<div class="why">${escapeHtml(error)}</div>` : '';
  const fromUs = message.messageType !== 'incoming' && !message.private;
  const tick =
    fromUs || message.status === 'failed'
      ? ` <span class="tick ${message.status}" title="${message.status}">${ticks[message.status]} ${message.status}</span>`
      : '';
  return `<li class="${message.messageType}${note}" id="m${message.id}">
<div class="by">${by}</div>${quoteHtml(world, message)}${message.attachments.map(attachmentHtml).join('')}
${message.content ? `<div class="text">${formatted(message.content)}</div>` : ''}
<div class="meta">${timeOf(message.createdAt)} UTC${tick}</div>${why}</li>`;
}
