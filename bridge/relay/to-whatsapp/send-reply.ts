import { PonteError } from '../../../shared/errors/ponte-error.ts';
import type { IntegrationRow } from '../../integrations/store.ts';
import type { MessageApi } from './message-api.ts';
import { type ClaimedReply, type Reply, type SendOutcome, storedReplySchema } from './reply.ts';
import type { ReplyStore } from './reply-store.ts';

export type SendReply = (reply: ClaimedReply, integration: IntegrationRow) => Promise<SendOutcome>;

/** Sends one stored reply through the api. Never throws. */
export function createSendReply(deps: { api: MessageApi; store: Pick<ReplyStore, 'whatsappIdOf'> }): SendReply {
  return async (claimed, integration) => {
    const parsed = storedReplySchema.safeParse(claimed.payload);
    if (!parsed.success) return { kind: 'refused', reason: 'the stored message cannot be read — write it again' };
    let quoted: string | undefined;
    try {
      quoted = await quotedId(parsed.data, claimed);
    } catch (error) {
      return { kind: 'later', reason: `the database did not answer: ${String(error)}`, afterMs: undefined };
    }
    return deps.api.send({
      ryzeapiUrl: integration.ryzeapiUrl,
      instanceId: integration.instanceId,
      key: claimed,
      reply: parsed.data,
      quotedId: quoted,
    });
  };

  /** Asked only now: what is quoted may have been sent a moment ago. A quote that nobody knows is left out. */
  async function quotedId({ quoted }: Reply, { integrationId }: ClaimedReply): Promise<string | undefined> {
    if (quoted?.whatsappId !== undefined) return quoted.whatsappId;
    return quoted?.messageId === undefined ? undefined : deps.store.whatsappIdOf(integrationId, quoted.messageId);
  }
}

/** What the agent reads where nobody knows whether the message arrived. */
export const UNKNOWN_REASON = new PonteError('engine_outcome_unknown').message;
