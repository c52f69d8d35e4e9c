import { randomBytes } from 'node:crypto';
import { createAccount } from '../../api/accounts/create-account.ts';
import { createId } from '../../shared/auth/tokens.ts';
import type { Database } from '../../shared/database/database.ts';
import { createKeyring, type Keyring } from '../../shared/encryption/keyring.ts';
import { parseKeys } from '../../shared/encryption/keys.ts';
import { apiSecrets, bridgeSecrets } from '../../shared/encryption/secret-columns.ts';

export const newKey = (id: string) => `${id}:${randomBytes(32).toString('base64')}`;

export function keyring(text: string): Keyring {
  const parsed = parseKeys(text);
  if ('fault' in parsed) throw new Error(parsed.fault);
  return createKeyring(parsed.keys);
}

export const SECRET = 'the-secret-of-a-customer';

/** Instances with one secret in every place where there can be one. */
export async function fillWithSecrets(prisma: Database['prisma'], keys: Keyring, count: number): Promise<string[]> {
  const account = await createAccount(prisma, `a-${randomBytes(4).toString('hex')}`);
  const ids = Array.from({ length: count }, () => createId('ins'));
  const seal = (purpose: Parameters<Keyring['encrypt']>[1]['purpose'], owner: string) => keys.encrypt(SECRET, { purpose, owner });
  const chatwoot = { chatwootBaseUrl: 'https://c.example.com', chatwootAccountId: 1 };
  const flags = { signMessages: false, ignoreGroups: false, startAsPending: false, reopenResolved: false };
  await prisma.instance.createMany({
    data: ids.map((id) => ({
      id,
      accountId: account.id,
      name: id,
      tokenHash: id,
      engineUrl: 'http://e',
      engineToken: seal('engine-token', id),
      engineSecret: seal('engine-secret', id),
      deliveryKey: seal('engine-delivery-key', id),
      deliveryKeyHash: id,
    })),
  });
  await prisma.engineWebhook.createMany({
    data: ids.map((instanceId) => ({
      id: createId('ewh'),
      instanceId,
      accountId: account.id,
      engineKind: 'evolution',
      engineUrl: 'http://e',
      engineName: instanceId,
      engineToken: seal('engine-token', instanceId),
      engineSecret: seal('engine-secret', instanceId),
      deliveryKey: seal('engine-delivery-key', instanceId),
      deliveryKeyHash: instanceId,
      previous: seal('engine-webhook-before', instanceId),
    })),
  });
  await prisma.notificationEndpoint.createMany({
    data: ids.map((id) => ({
      id,
      accountId: account.id,
      secret: seal('notification-secret', id),
      previousSecret: seal('notification-secret', id),
    })),
  });
  await prisma.activation.createMany({
    data: ids.map((instanceId) => ({
      id: createId('act'),
      instanceId,
      requestHash: 'h',
      settings: {},
      deadlineAt: new Date(),
      chatwootToken: seal('chatwoot-token', instanceId),
    })),
  });
  await prisma.chatwootIntegration.createMany({
    data: ids.map((instanceId) => ({
      id: createId('int'),
      instanceId,
      bridgeIntegrationId: instanceId,
      ...chatwoot,
      ...flags,
      chatwootInboxName: 'i',
      activationId: 'act_x',
      chatwootToken: seal('chatwoot-token', instanceId),
    })),
  });
  await prisma.bridgeIntegration.createMany({
    data: ids.map((instanceId) => {
      const id = createId('int');
      return {
        id,
        instanceId,
        instanceName: 'i',
        idempotencyKey: id,
        ryzeapiUrl: 'http://a',
        ...chatwoot,
        ...flags,
        inboxName: 'i',
        webhookKeyHash: id,
        chatwootToken: seal('bridge-chatwoot-token', instanceId),
        webhookKey: seal('bridge-webhook-key', id),
        webhookSecret: seal('bridge-webhook-secret', id),
        webhookSecretBefore: seal('bridge-webhook-secret', id),
        adoptedWebhookUrl: seal('bridge-webhook-before', id),
      };
    }),
  });
  return ids;
}

/** Every place where there can be one. */
export const ALL_SECRETS = [...apiSecrets, ...bridgeSecrets];

/** Every secret there is, in the clear; throws where one cannot be read. */
export async function readAllSecrets(pool: Database['pool'], keys: Keyring): Promise<string[]> {
  const texts: string[] = [];
  for (const { table, column, owner, purpose } of ALL_SECRETS) {
    const { rows } = await pool.query<{ owner: string; envelope: string }>(
      `SELECT ${owner} AS owner, ${column} AS envelope FROM ${table} WHERE ${column} <> ''`,
    );
    texts.push(...rows.map((row) => keys.decrypt(row.envelope, { purpose, owner: row.owner })));
  }
  return texts;
}
