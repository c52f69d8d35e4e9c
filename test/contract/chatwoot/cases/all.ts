import type { Case } from '../case.ts';
import { access } from './access.ts';
import { contacts } from './contacts.ts';
import { conversations } from './conversations.ts';
import { files } from './files.ts';
import { inboxes } from './inboxes.ts';
import { messages } from './messages.ts';
import { webhooks } from './webhooks.ts';

export interface Chapter {
  readonly title: string;
  readonly cases: readonly Case[];
}

/** Everything Ponte relies on, and a Chatwoot can be asked from outside. */
export const chapters: readonly Chapter[] = [
  { title: 'access', cases: access },
  { title: 'inboxes', cases: inboxes },
  { title: 'contacts', cases: contacts },
  { title: 'conversations', cases: conversations },
  { title: 'messages', cases: messages },
  { title: 'files', cases: files },
  { title: 'webhooks', cases: webhooks },
];
