import type { PrismaClient } from '../../shared/database/database.ts';
import type { Keyring } from '../../shared/encryption/keyring.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import { wishForEvents } from '../../shared/instances/webhook-wish.ts';
import { engineColumns } from './create-instance.ts';
import type { EngineBody } from './engine-body.ts';
import { changedEngine } from './engine-settings.ts';

/**
 * Pairs an instance in another engine, or changes what is known of the one it has. Chatwoot is not touched: conversations go on. Where the
 * instance is active, the webhook moves along. Throws PonteError `invalid_body` or `instance_not_found`.
 */
export async function changeEngine(
  { prisma, keyring }: { prisma: PrismaClient; keyring: Keyring },
  instanceId: string,
  body: EngineBody,
): Promise<void> {
  await prisma.$transaction(async (tx) => {
    await tx.$executeRaw`SELECT id FROM instances WHERE id = ${instanceId} FOR UPDATE`;
    const row = await tx.instance.findUnique({
      where: { id: instanceId },
      select: {
        engineKind: true,
        engineUrl: true,
        engineName: true,
        engineToken: true,
        engineSecret: true,
        integration: { select: { id: true } },
      },
    });
    if (row === null) throw new PonteError('instance_not_found');
    const change = changedEngine(
      {
        kind: row.engineKind,
        url: row.engineUrl,
        name: row.engineName,
        hasToken: row.engineToken !== null,
        hasSecret: row.engineSecret !== null,
      },
      body,
    );
    const isAnother = change.kind !== row.engineKind || change.url !== row.engineUrl || change.name !== row.engineName;
    await tx.instance.update({
      where: { id: instanceId },
      data: {
        ...engineColumns(keyring, instanceId, change),
        ...(isAnother ? FORGOTTEN : {}),
        connectionCheckAt: new Date(0),
        unreadEvents: 0,
        lastUnread: '',
        lastUnreadAt: null,
      },
    });
    if (row.integration !== null) await wishForEvents(tx, keyring, instanceId);
  });
}

/** What the engine before has told says nothing of this one, and it is not to know where this one delivers. */
const FORGOTTEN = {
  connectionState: '',
  connectionTold: '',
  connectionChangedAt: null,
  lastEventAt: null,
  deliveryKey: null,
  deliveryKeyHash: null,
};
