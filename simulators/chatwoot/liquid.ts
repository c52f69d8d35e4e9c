import { Liquid } from 'liquidjs';
import type { ContactRow, ConversationRow, InboxRow, UserRow } from './rows.ts';
import { availableName } from './users.ts';

// Templates come from a map, never from the file system, and are bounded, because the text is whatever somebody posted.
const liquid = new Liquid({ templates: {}, parseLimit: 300_000, renderLimit: 1_000, memoryLimit: 10_000_000 });

const capitalize = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase();
const words = (name: string): string[] => name.split(/\s+/).filter((word) => word !== '');

/** Names are capitalised word by word; there is a last name only where there are at least two words. */
function nameDrop(name: string): Record<string, unknown> {
  const parts = words(name).map(capitalize);
  return { name: parts.join(' '), first_name: parts[0] ?? null, last_name: parts.length > 1 ? parts.at(-1) : null };
}

export interface LiquidScope {
  contact: ContactRow;
  inbox: InboxRow;
  conversation: ConversationRow | null;
  agent: UserRow | null;
}

/**
 * Outgoing text as Chatwoot stores it: rendered as a Liquid template, text in backticks exempt, and left as it was if it is no valid template.
 * So `{{contact.name}}` in a relayed message is replaced, and `{{anything}}` else disappears.
 */
export function renderLiquid(content: string, scope: LiquidScope): string {
  if (!content.includes('{{') && !content.includes('{%')) return content;
  const template = content.replace(/`([\s\S]*?)`/g, (quoted) => `{% raw %}${quoted}{% endraw %}`);
  const { contact, inbox, conversation, agent } = scope;
  try {
    return String(
      liquid.parseAndRenderSync(template, {
        contact: {
          ...nameDrop(contact.name),
          id: contact.id,
          email: contact.email,
          phone_number: contact.phoneNumber,
          custom_attribute: contact.customAttributes,
        },
        agent: agent ? { ...nameDrop(agent.name), available_name: availableName(agent), email: agent.email } : {},
        conversation: conversation
          ? { id: conversation.displayId, display_id: conversation.displayId, custom_attribute: conversation.customAttributes }
          : {},
        inbox: { id: inbox.id, name: inbox.name },
      }),
    );
  } catch {
    return content;
  }
}
