import { z } from 'zod';
import { ask, Obstacle } from './call.ts';
import type { EvolutionChatwoot } from './evolution-api.ts';

const inboxSchema = z.looseObject({
  id: z.number(),
  name: z.string().nullish(),
  channel_type: z.string().nullish(),
  webhook_url: z.string().nullish(),
});
export type ChatwootInbox = z.output<typeof inboxSchema>;

export function inboxesOf({ url, accountId, token }: EvolutionChatwoot): Promise<ChatwootInbox[]> {
  const schema = z.looseObject({ payload: z.array(inboxSchema) });
  const call = {
    method: 'GET',
    url: `${url}/api/v1/accounts/${accountId}/inboxes`,
    headers: { 'api-access-token': token },
  } as const;
  return ask('its Chatwoot', schema, call).then(({ payload }) => payload);
}

/**
 * The inbox that an instance of Evolution writes into. Its number is told nowhere: it is the one whose webhook leads to the instance, else the
 * only one of its name. Throws Obstacle.
 */
export async function findInbox(chatwoot: EvolutionChatwoot): Promise<ChatwootInbox> {
  const inboxes = (await inboxesOf(chatwoot)).filter(({ channel_type }) => channel_type === 'Channel::Api');
  const calling = inboxes.filter(({ webhook_url }) => chatwoot.webhook_url !== '' && webhook_url === chatwoot.webhook_url);
  const found = calling.length > 0 ? calling : inboxes.filter(({ name }) => name === chatwoot.nameInbox);
  const [inbox] = found;
  if (inbox === undefined) throw new Obstacle(`no API inbox of account ${chatwoot.accountId} belongs to it`);
  if (found.length > 1)
    throw new Obstacle(
      `several inboxes of account ${chatwoot.accountId} may belong to it: ${found.map(({ id }) => id).join(', ')}`,
    );
  return inbox;
}
