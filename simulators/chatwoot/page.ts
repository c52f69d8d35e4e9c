import type { Request, Response } from 'express';
import { messagesOf } from './conversation-facts.ts';
import { escapeHtml, messageHtml } from './page-message.ts';
import { pageScript, pageStyle } from './page-style.ts';
import type { AccountRow, ConversationRow, InboxRow } from './rows.ts';
import type { World } from './world.ts';

const MESSAGES_SHOWN = 40;
const CONVERSATIONS_SHOWN = 30;

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

const byName = (a: { name: string }, b: { name: string }): number => a.name.localeCompare(b.name);

/** A colour of its own for every contact, always the same one. */
const toneOf = (id: number): string => `hsl(${(id * 67) % 360} 45% 45%)`;

/** The picture of a contact that was uploaded here; else his initial. */
function faceHtml(contactId: number, name: string, avatarUrl: string): string {
  const { pathname } = URL.canParse(avatarUrl) ? new URL(avatarUrl) : { pathname: '' };
  if (pathname.startsWith('/rails/')) return `<img class="face" src="${escapeHtml(pathname)}" alt="">`;
  return `<span class="face" style="--tone:${toneOf(contactId)}">${escapeHtml([...name][0]?.toUpperCase() ?? '?')}</span>`;
}

function conversationHtml(world: World, conversation: ConversationRow): string {
  const contact = world.tables.contacts.get(conversation.contactId);
  const assignee = conversation.assigneeId === null ? undefined : world.tables.users.get(conversation.assigneeId);
  const messages = messagesOf(world, conversation);
  const name = contact?.name || contact?.phoneNumber || 'Unnamed';
  const details = [contact?.phoneNumber, contact?.identifier, assignee && `assigned to ${assignee.name}`];
  const hidden = messages.length - MESSAGES_SHOWN;
  const earlier = hidden > 0 ? `<li class="activity">${plural(hidden, 'earlier message')}</li>` : '';
  return `<article class="card">
<div class="who">${faceHtml(conversation.contactId, name, contact?.avatarUrl ?? '')}
<div><strong>${escapeHtml(name)}</strong><small class="soft">#${conversation.displayId} · ${escapeHtml(details.filter(Boolean).join(' · ') || 'no number')}</small></div>
${contact?.blocked ? '<span class="badge bad">blocked</span>' : ''}<span class="badge ${conversation.status}">${conversation.status}</span></div>
<ol>${earlier}${messages
    .slice(-MESSAGES_SHOWN)
    .map((message) => messageHtml(world, message))
    .join('\n')}</ol></article>`;
}

function inboxHtml(world: World, inbox: InboxRow): string {
  const conversations = [...world.tables.conversations.group('inbox', inbox.id)].sort(
    (a, b) => b.lastActivityAt - a.lastActivityAt,
  );
  const shown = conversations.slice(0, CONVERSATIONS_SHOWN).map((conversation) => conversationHtml(world, conversation));
  const content = shown.length > 0 ? `<div class="grid">${shown.join('\n')}</div>` : '<p class="empty">No conversation yet.</p>';
  return `<section class="inbox"><div class="inbox-head"><h3>${escapeHtml(inbox.name)}</h3>
<span class="soft">inbox ${inbox.id} · ${escapeHtml(inbox.channelType.replace('Channel::', ''))} · ${plural(conversations.length, 'conversation')}</span>
${inbox.deleteAt === null ? '' : '<span class="badge bad">being deleted</span>'}</div>${content}</section>`;
}

function accountHtml(world: World, account: AccountRow): string {
  const inboxes = [...world.tables.inboxes.group('account', account.id)].sort(byName);
  const content = inboxes.map((inbox) => inboxHtml(world, inbox)).join('\n') || '<p class="empty">No inbox yet.</p>';
  return `<h2>${escapeHtml(account.name)} <span class="soft">account ${account.id}</span>${account.suspended ? ' <span class="badge bad">suspended</span>' : ''}</h2>${content}`;
}

function pageHtml(world: World): string {
  const { tables } = world;
  const accounts = tables.accounts.all().sort((a, b) => a.id - b.id);
  const counts = [
    plural(tables.inboxes.all().length, 'inbox').replace('inboxs', 'inboxes'),
    plural(tables.conversations.all().length, 'conversation'),
    plural(tables.messages.all().length, 'message'),
  ];
  return `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Simulated Chatwoot</title><style>${pageStyle}</style></head>
<body><div id="live"><header><span class="logo"></span><h1>Simulated Chatwoot</h1><small>behaves like ${escapeHtml(world.features.version)}</small>
<small class="counts">${counts.join(' · ')}</small></header>
<main>${accounts.map((account) => accountHtml(world, account)).join('\n') || '<p class="empty">No account yet.</p>'}</main></div>
<script>${pageScript}</script></body></html>`;
}

/** Shows what is in the simulator, for people; without tokens, secrets or webhook addresses, and without anything from elsewhere. */
export function showPage(world: World) {
  return (_req: Request, res: Response): void => {
    res.setHeader(
      'content-security-policy',
      "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src 'self'; media-src 'self'; connect-src 'self'",
    );
    res.setHeader('cache-control', 'no-store');
    res.type('html').send(pageHtml(world));
  };
}
