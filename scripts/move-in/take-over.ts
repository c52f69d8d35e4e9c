import { Obstacle } from './call.ts';
import type { ChatwootInbox } from './chatwoot-inbox.ts';
import type { ChatwootBlock, PonteApi } from './ponte-api.ts';
import type { OwnChatwoot, Source } from './source.ts';
import type { Move } from './survey.ts';
import { until } from './until.ts';

export interface MoveDeps {
  readonly source: Source;
  readonly ponte: PonteApi;
  /** How long Ponte may take to have the engine deliver to it, or to give something back. */
  readonly patienceMs: number;
  /** Told of each step, in a few words. */
  readonly onStep: (step: string) => void;
}

/** What the engine delivers to Ponte goes to an address below this. */
export const DELIVERY_PATH = '/api/events/engine/';

export const blockOf = (own: OwnChatwoot, inbox: Pick<ChatwootInbox, 'id' | 'name'>): ChatwootBlock => ({
  chatwootBaseUrl: own.url,
  chatwootAccountId: Number(own.accountId),
  chatwootApiToken: own.token,
  chatwootInboxId: inbox.id,
  inboxName: inbox.name || own.inboxName,
  ...own.rules,
});

/** Has Ponte take the inbox over, and the engine deliver to it. Throws Obstacle. */
export async function takeOver(
  { source, ponte, patienceMs, onStep }: MoveDeps,
  { name, ponteName, own, inbox }: Pick<Move, 'name' | 'ponteName' | 'own' | 'inbox'>,
): Promise<void> {
  onStep(`taking over inbox ${inbox.id}`);
  await ponte.activate(ponteName, blockOf(own, inbox));
  onStep(`waiting for ${source.title} to deliver to Ponte`);
  const isOurs = await until(patienceMs, async () =>
    (await source.deliversTo(name)).some((address) => address.includes(DELIVERY_PATH)),
  );
  if (!isOurs)
    throw new Obstacle(
      `Ponte could not have ${source.title} deliver events to it — \`GET /api/instance/list\` of Ponte says why`,
    );
}
