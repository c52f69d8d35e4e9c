import type { IntegrationRow } from '../../integrations/store.ts';
import { textsOf } from '../../texts/texts.ts';
import type { IsFileMissing } from './file-check.ts';
import { withMentions } from './mentions.ts';
import type { MessageApi, Sending } from './message-api.ts';
import { isGroup } from './recipient.ts';
import { type ClaimedReply, type Reply, type SendOutcome, storedReplySchema } from './reply.ts';
import type { ReplyStore } from './reply-store.ts';

export type SendReply = (reply: ClaimedReply, integration: IntegrationRow) => Promise<SendOutcome>;

/** Sends one stored reply through the api. Never throws. */
export function createSendReply(deps: {
  api: MessageApi;
  store: Pick<ReplyStore, 'whatsappIdOf' | 'membersOf'>;
  isFileMissing: IsFileMissing;
}): SendReply {
  return async (claimed, integration) => {
    const texts = textsOf(integration);
    const parsed = storedReplySchema.safeParse(claimed.payload);
    if (!parsed.success) return { kind: 'refused', reason: texts.replyReasons.unreadable };
    const { part } = parsed.data;
    if (part.kind === 'media' && (await deps.isFileMissing(part.url)))
      return { kind: 'refused', reason: texts.replyReasons.attachmentMissing, mayPass: true };
    const { ryzeapiUrl, instanceId } = integration;
    const sending = { ryzeapiUrl, instanceId, key: claimed, texts };
    try {
      const quoted = await quotedId(parsed.data, claimed);
      return await deps.api.send({ ...sending, reply: await mentioning(parsed.data, claimed), quotedId: quoted });
    } catch (error) {
      return { kind: 'later', reason: texts.databaseSilent(String(error)), afterMs: undefined };
    }
  };

  /** Names of a group's members become mentions: only there does WhatsApp know them. */
  async function mentioning(reply: Reply, { integrationId, chat }: ClaimedReply): Promise<Sending['reply']> {
    const { part } = reply;
    const text = part.kind === 'text' ? part.text : part.kind === 'media' ? part.caption : '';
    if (!isGroup(reply.recipient) || !text.includes('@')) return reply;
    const { text: written, mentions } = withMentions(text, await deps.store.membersOf(integrationId, chat));
    if (mentions.length === 0) return reply;
    return { ...reply, part: part.kind === 'media' ? { ...part, caption: written } : { kind: 'text', text: written }, mentions };
  }

  /** Asked only now: what is quoted may have been sent a moment ago. A quote that nobody knows is left out. */
  async function quotedId({ quoted }: Reply, { integrationId }: ClaimedReply): Promise<string | undefined> {
    if (quoted?.whatsappId !== undefined) return quoted.whatsappId;
    return quoted?.messageId === undefined ? undefined : deps.store.whatsappIdOf(integrationId, quoted.messageId);
  }
}
