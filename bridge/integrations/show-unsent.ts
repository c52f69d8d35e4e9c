import type { PrismaClient } from '../../shared/database/database.ts';
import type { Logger } from '../../shared/logging/logger.ts';
import type { ChatwootClient } from '../chatwoot/client.ts';
import { createChatwootMessages } from '../relay/to-whatsapp/chatwoot-messages.ts';
import { textsOf } from '../texts/texts.ts';
import type { IntegrationRow } from './store.ts';

/** More than that wait only where something else is wrong, and told of. */
const MOST = 200;

/**
 * In an inbox that goes on without us, agents see as failed what was accepted from them and has not left: nobody else would tell them. Best
 * effort: what is being sent at this moment is left to itself.
 */
export async function showUnsent(
  { prisma, log }: { prisma: PrismaClient; log: Logger },
  row: IntegrationRow,
  client: ChatwootClient,
): Promise<void> {
  const unsent = await prisma.bridgeReply.findMany({
    where: { integrationId: row.id, OR: [{ state: 'pending' }, { state: 'failed', report: 'failed' }] },
    select: { conversationId: true, chatwootMessageId: true },
    distinct: ['chatwootMessageId'],
    orderBy: { id: 'asc' },
    take: MOST,
  });
  const texts = textsOf(row);
  const messages = createChatwootMessages({ chatwoot: () => client });
  for (const message of unsent) {
    await messages.markFailed({ ...client.access(), texts }, message, texts.endedUnsent);
  }
  if (unsent.length > 0)
    log.warn({ integrationId: row.id, messages: unsent.length }, 'an integration ended with messages unsent');
}
