import type { Prospect } from './survey.ts';

/** What would be done, one line an instance. */
export function planLines(prospects: readonly Prospect[]): string[] {
  return prospects.map((prospect) => `  ${prospect.name}: ${planOf(prospect)}`);
}

function planOf(prospect: Prospect): string {
  switch (prospect.kind) {
    case 'move': {
      const { chatwoot, inbox, ponteName } = prospect.move;
      return `to Ponte as ${ponteName}, taking over inbox ${inbox.id} “${inbox.name ?? ''}” of ${chatwoot.url}, account ${chatwoot.accountId}`;
    }
    case 'moved':
      return `is in Ponte already, as ${prospect.ponteName}`;
    case 'nothing':
      return 'its own Chatwoot is not switched on, nothing to move';
    case 'broken':
      return `cannot be moved: ${prospect.reason}`;
  }
}
