import type { Stack } from '../../test/support/stack-processes.ts';
import { ACCOUNT } from '../relay/fleet.ts';
import type { SentReply } from '../relay/traffic.ts';

const MOST_REPLIES = 20;
const MOST_LINES = 60;

/** What Chatwoot, the database and the logs have of replies that are lost, in words: a run like this one does not come again. */
export async function evidenceOf(stack: Stack, lost: readonly SentReply[]): Promise<string[]> {
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
    const written = message === undefined ? 'never' : new Date(message.createdAt).toISOString();
    evidence.push(
      `"${text}": message ${chatwootMessageId} in conversation ${conversationId}, written ${written}; webhooks ${JSON.stringify(told)}; rows ${JSON.stringify(rows)}`,
    );
  }
  for (const { integrationId } of new Set(lost.map(({ member }) => member))) {
    const integration = await prisma.bridgeIntegration.findUnique({
      where: { id: integrationId },
      select: { id: true, state: true, status: true, lastError: true, caughtUpTo: true, leaseOwner: true, leaseEpoch: true },
    });
    const lines = stack
      .logs()
      .split('\n')
      .filter((line) => line.includes(integrationId));
    evidence.push(JSON.stringify(integration), ...lines.slice(-MOST_LINES));
  }
  return evidence;
}
