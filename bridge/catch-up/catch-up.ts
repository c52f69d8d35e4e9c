import { createDatabaseClock } from '../../shared/database/clock.ts';
import type { Database } from '../../shared/database/database.ts';
import type { Logger } from '../../shared/logging/logger.ts';
import type { CallBudget, ChatwootAccess, ChatwootClient } from '../chatwoot/client.ts';
import type { IntegrationSecrets } from '../integrations/secrets.ts';
import type { TakeEvent } from '../relay/to-whatsapp/take-event.ts';
import type { BridgeTimeouts } from '../timeouts.ts';
import { createCatchUpStore } from './catch-up-store.ts';
import { createLookBack, type LookBack } from './look-back.ts';
import { createSweepInbox, type SweepInbox } from './sweep-inbox.ts';
import { createTakeUntold } from './take-untold.ts';

export interface CatchUp {
  readonly sweep: SweepInbox;
  readonly lookBack: LookBack;
}

/**
 * What Chatwoot did not tell is asked for: it tells each thing once, and a job of its queue that is lost is lost for good, while the agent
 * sees his message as sent. A look through the inbox now and then and after trouble finds it, and one before each message keeps the order.
 */
export function createCatchUp(deps: {
  database: Database;
  secrets: IntegrationSecrets;
  chatwoot: (access: ChatwootAccess, budget: CallBudget) => ChatwootClient;
  takeEvent: TakeEvent;
  /** An agent's message that is older when it is found is not sent any more. */
  lateReplyMs: number;
  /** Something was found of which no webhook had told. */
  onFound: (integrationId: string) => void;
  timing: Pick<BridgeTimeouts['replies'], 'unsaidMs' | 'unsaidAgainMs'>;
  signal: AbortSignal;
  logger: Logger;
}): CatchUp {
  const store = createCatchUpStore(deps.database);
  const clock = createDatabaseClock(deps.database);
  const takeUntold = createTakeUntold({ ...deps, store });
  return {
    sweep: createSweepInbox({ ...deps, store, clock, takeUntold }),
    lookBack: createLookBack({ ...deps, store, takeUntold }),
  };
}
