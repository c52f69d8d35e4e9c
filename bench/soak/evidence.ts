import { LEFT_UNSEEN } from '../../bridge/catch-up/look-back.ts';
import type { Stack } from '../../test/support/stack-processes.ts';
import { ACCOUNT } from '../relay/fleet.ts';
import type { SentMessage, SentReply } from '../relay/traffic.ts';

const MOST_REPLIES = 20;
const MOST_MESSAGES = 5;
/** What led to a second one happened in so much time around them. */
const AROUND_MS = 60_000;
const MOST_LINES = 60;

/** What Chatwoot, the database and the logs have of replies that are lost, in words: a run like this one does not come again. */
export async function evidenceOfLost(stack: Stack, lost: readonly SentReply[]): Promise<string[]> {
  const { prisma } = stack.database;
  const evidence: string[] = [];
  for (const { member, messageId: chatwootMessageId, conversationId, text } of lost.slice(0, MOST_REPLIES)) {
    const { integrationId, chatwoot } = member;
    const message = chatwoot.state.messages(ACCOUNT).find(({ id }) => id === chatwootMessageId);
    const told = chatwoot.state.webhooks.deliveries.filter(({ messageId }) => messageId === chatwootMessageId);
    const rows = await prisma.bridgeReply.findMany({
      where: { integrationId, chatwootMessageId },
      select: { state: true, attempts: true, error: true, receivedAt: true },
    });
    const written = message === undefined ? 'never' : at(message.createdAt);
    evidence.push(
      `"${text}": message ${chatwootMessageId} in conversation ${conversationId}, written ${written}; webhooks ${JSON.stringify(told)}; rows ${JSON.stringify(rows)}`,
    );
  }
  for (const { integrationId } of new Set(lost.map(({ member }) => member))) {
    const integration = await prisma.bridgeIntegration.findUnique({
      where: { id: integrationId },
      select: { id: true, state: true, status: true, lastError: true, caughtUpTo: true, leaseOwner: true, leaseEpoch: true },
    });
    evidence.push(JSON.stringify(integration), ...linesWith(stack, integrationId).slice(-MOST_LINES));
  }
  return evidence;
}

/** The same of messages that stand in Chatwoot more than once, with what was asked of their conversations meanwhile. */
export async function evidenceOfDoubled(stack: Stack, doubled: readonly SentMessage[]): Promise<string[]> {
  const { prisma } = stack.database;
  const evidence: string[] = [];
  for (const { id: whatsappId, member } of doubled.slice(0, MOST_MESSAGES)) {
    const { integrationId, chatwoot } = member;
    const found = chatwoot.state.messages(ACCOUNT).filter(({ sourceId }) => sourceId === `WAID:${whatsappId}`);
    for (const { id, conversationId, createdAt, contentAttributes } of found)
      evidence.push(
        `${whatsappId}: message ${id} in conversation ${conversationId}, written ${at(createdAt)}, ${JSON.stringify(contentAttributes)}`,
      );
    const where = { integrationId, whatsappId };
    const rows = await prisma.bridgeMessage.findMany({
      where,
      select: { conversationId: true, chatwootMessageId: true, createdAt: true },
    });
    const postings = await prisma.bridgePosting.findMany({ where: { integrationId, key: whatsappId } });
    const events = await prisma.engineEvent.findMany({
      where: { dedupeKey: { contains: whatsappId } },
      select: { sequence: true, dedupeKey: true, receivedAt: true, firstSentAt: true, ackedAt: true },
    });
    evidence.push(
      JSON.stringify({ rows, postings, events }, (_key, value) => (typeof value === 'bigint' ? Number(value) : value)),
    );
    const times = found.map(({ createdAt }) => createdAt);
    const [fromMs, toMs] = [Math.min(...times) - AROUND_MS, Math.max(...times) + AROUND_MS];
    const paths = found.map(({ conversationId }) => `/conversations/${conversationId}/messages`);
    for (const request of chatwoot.state.requests)
      if (request.at > fromMs && request.at < toMs && paths.some((path) => request.path.includes(path)))
        evidence.push(
          `${at(request.at)} ${request.method} ${request.path} ${JSON.stringify(request.query)} ${request.status} ${request.faults}`,
        );
    const lines = linesWith(stack, integrationId).filter((line) => {
      const time = Date.parse(/"time":"([^"]+)"/.exec(line)?.[1] ?? '');
      return time > fromMs && time < toMs;
    });
    evidence.push(...lines.slice(-MOST_LINES));
  }
  return evidence;
}

const at = (timeMs: number): string => new Date(timeMs).toISOString();

/** What all processes have logged with this in it. */
const linesWith = (stack: Stack, part: string): string[] =>
  stack
    .logs()
    .split('\n')
    .filter((line) => line.includes(part));

/** Replies that left though their Chatwoot did not say, for half a minute, what was written before them: they may have overtaken it. */
export function leftUnseen(stack: Stack): (reply: SentReply) => boolean {
  const said = linesWith(stack, LEFT_UNSEEN);
  return ({ member, messageId }) =>
    said.some((line) => line.includes(member.integrationId) && line.includes(`"chatwootMessageId":${messageId},`));
}
