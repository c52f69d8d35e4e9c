import { z } from 'zod';
import { ask, Obstacle } from './call.ts';
import type { OwnChatwoot } from './source.ts';

const inboxSchema = z.looseObject({
  id: z.number(),
  name: z.string().nullish(),
  channel_type: z.string().nullish(),
  webhook_url: z.string().nullish(),
});
export type ChatwootInbox = z.output<typeof inboxSchema>;

type Account = Pick<OwnChatwoot, 'url' | 'accountId' | 'token'>;

async function inboxesOf({ url, accountId, token }: Account): Promise<ChatwootInbox[]> {
  const schema = z.looseObject({ payload: z.array(inboxSchema) });
  const call = {
    method: 'GET',
    url: `${url}/api/v1/accounts/${accountId}/inboxes`,
    headers: { 'api-access-token': token },
  } as const;
  return (await ask('its Chatwoot', schema, call)).payload;
}

/** Where an inbox calls; undefined where there is none of that number. */
export const webhookOfInbox = async (account: Account, inboxId: number): Promise<string | undefined> => {
  const inbox = (await inboxesOf(account)).find(({ id }) => id === inboxId);
  return inbox === undefined ? undefined : (inbox.webhook_url ?? '');
};

/**
 * The inbox that an instance writes into. Where its number is told nowhere, it is the one whose webhook leads to the instance, else the only one
 * of its name. Throws Obstacle.
 */
export async function findInbox(own: OwnChatwoot): Promise<ChatwootInbox> {
  const inboxes = (await inboxesOf(own)).filter(({ channel_type }) => channel_type === 'Channel::Api');
  const found = candidates(own, inboxes);
  const [inbox] = found;
  if (inbox === undefined) throw new Obstacle(`no API inbox of account ${own.accountId} belongs to it`);
  if (found.length > 1)
    throw new Obstacle(`several inboxes of account ${own.accountId} may belong to it: ${found.map(({ id }) => id).join(', ')}`);
  return inbox;
}

function candidates(
  { inboxId, webhookUrl, inboxName }: OwnChatwoot,
  inboxes: readonly ChatwootInbox[],
): readonly ChatwootInbox[] {
  if (inboxId !== undefined) return inboxes.filter(({ id }) => id === inboxId);
  const calling = inboxes.filter(({ webhook_url }) => webhookUrl !== '' && webhook_url === webhookUrl);
  return calling.length > 0 ? calling : inboxes.filter(({ name }) => name === inboxName);
}
