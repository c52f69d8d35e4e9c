import type { Prisma } from '../../shared/database/database.ts';

type Row = Prisma.BridgeIntegrationUncheckedCreateInput;

/** An active integration as the bridge's database has it, whose Chatwoot and api nobody answers at. */
export const bridgeRow = ({ id, ...more }: Pick<Row, 'id' | 'instanceId'> & Partial<Row>): Row => ({
  ...{ id, instanceName: 'suporte', idempotencyKey: id, state: 'active', ryzeapiUrl: 'http://127.0.0.1:9' },
  ...{ chatwootBaseUrl: 'http://127.0.0.1:9', chatwootAccountId: 1, chatwootToken: '', inboxId: 7, inboxName: 'Loja' },
  ...{ signMessages: false, ignoreGroups: false, startAsPending: false, reopenResolved: true },
  ...{ webhookKeyHash: id, webhookKey: '' },
  ...more,
});
