import type { Database } from '../../shared/database/database.ts';
import type { ChatwootSimulator } from '../../simulators/chatwoot/index.ts';
import type { createClient } from './client.ts';
import type { DemoEngine } from './engines.ts';
import type { Stage } from './stage.ts';

/** What every act of the demo plays with. */
export interface Props {
  readonly stage: Stage;
  readonly request: ReturnType<typeof createClient>;
  readonly database: Database;
  readonly chatwoot: ChatwootSimulator;
  readonly chatwootUrl: string;
  readonly chatwootToken: string;
  readonly apiUrl: string;
  readonly accountToken: string;
  readonly engine: DemoEngine;
  /** What the engine is called in the console. */
  readonly engineTitle: string;
}

export const ACCOUNT = 5;

/** The request of the documentation, for the simulated Chatwoot. */
export const setBody = (props: Props, overrides: object = {}): object => ({
  chatwootBaseUrl: props.chatwootUrl,
  chatwootAccountId: ACCOUNT,
  chatwootApiToken: props.chatwootToken,
  inboxName: 'WhatsApp - Orion',
  signMessages: true,
  reopenResolved: true,
  ...overrides,
});
