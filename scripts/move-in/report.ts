import type { Prospect } from './survey.ts';

/** What would be done, one line an instance. */
export function planLines(prospects: readonly Prospect[]): string[] {
  return prospects.map((prospect) => `  ${prospect.name}: ${planOf(prospect)}`);
}

function planOf(prospect: Prospect): string {
  switch (prospect.kind) {
    case 'move': {
      const { own, inbox, ponteName } = prospect.move;
      return `to Ponte as ${ponteName}, taking over inbox ${inbox.id} “${inbox.name ?? ''}” of ${own.url}, account ${own.accountId}`;
    }
    case 'moved': {
      const { ponteName, isPaused } = prospect.moved;
      return `is in Ponte already, as ${ponteName}${isPaused ? ', but stopped: to be started' : ''}`;
    }
    case 'nothing':
      return 'its own Chatwoot is not switched on, nothing to move';
    case 'broken':
      return `cannot be moved: ${prospect.reason}`;
  }
}
