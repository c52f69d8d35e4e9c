import { createId, createToken, hashToken } from '../../shared/auth/tokens.ts';
import type { Keyring } from '../../shared/encryption/keyring.ts';
import type { ChatwootAccess } from '../chatwoot/client.ts';
import type { IntegrationRow } from './store.ts';

const WEBHOOK_PATH = '/webhooks/chatwoot/';

export type IntegrationSecrets = ReturnType<typeof createIntegrationSecrets>;

/** The secrets of an integration: in the row as envelopes, in the clear only where they are used. */
export function createIntegrationSecrets(deps: { keyring: Keyring; publicUrl: string }) {
  const { keyring, publicUrl } = deps;
  const webhookKey = (row: Pick<IntegrationRow, 'id' | 'webhookKey'>): string =>
    keyring.decrypt(row.webhookKey, { purpose: 'bridge-webhook-key', owner: row.id });

  return {
    sealToken: (token: string, instanceId: string): string =>
      keyring.encrypt(token, { purpose: 'bridge-chatwoot-token', owner: instanceId }),
    /** By what the Chatwoot of this integration is called. Throws where the token cannot be decrypted. */
    accessOf: (
      row: Pick<IntegrationRow, 'chatwootBaseUrl' | 'chatwootAccountId' | 'chatwootToken' | 'instanceId'>,
    ): ChatwootAccess => ({
      baseUrl: row.chatwootBaseUrl,
      accountId: row.chatwootAccountId,
      token: keyring.decrypt(row.chatwootToken, { purpose: 'bridge-chatwoot-token', owner: row.instanceId }),
    }),
    sealWebhookSecret: (secret: string, id: string): string =>
      keyring.encrypt(secret, { purpose: 'bridge-webhook-secret', owner: id }),
    openWebhookSecret: (row: Pick<IntegrationRow, 'id' | 'webhookSecret'>): string | undefined =>
      row.webhookSecret === null
        ? undefined
        : keyring.decrypt(row.webhookSecret, { purpose: 'bridge-webhook-secret', owner: row.id }),

    sealAdoptedWebhook: (url: string, id: string): string =>
      keyring.encrypt(url, { purpose: 'bridge-webhook-before', owner: id }),
    /** Where the webhook of an inbox led that was taken over; empty where it led nowhere. */
    openAdoptedWebhook: ({ id, adoptedWebhookUrl }: Pick<IntegrationRow, 'id' | 'adoptedWebhookUrl'>): string =>
      adoptedWebhookUrl === null ? '' : keyring.decrypt(adoptedWebhookUrl, { purpose: 'bridge-webhook-before', owner: id }),

    /** A fresh secret path for the webhooks of the integration with this id, as its columns. */
    newWebhookKey(id: string): Pick<IntegrationRow, 'webhookKey' | 'webhookKeyHash'> {
      const key = createToken('webhook');
      const sealed = keyring.encrypt(key, { purpose: 'bridge-webhook-key', owner: id });
      return { webhookKey: sealed, webhookKeyHash: hashToken(key) };
    },
    /** Where Chatwoot sends the webhooks of this integration: no other inbox has this address, so it also tells which one is ours. */
    webhookUrl: (row: Pick<IntegrationRow, 'id' | 'webhookKey'>): string => `${publicUrl}${WEBHOOK_PATH}${webhookKey(row)}`,
    /** By which the integration is found that an address belongs to; undefined where it is none of ours. */
    webhookKeyHashIn(url: string | null | undefined): string | undefined {
      const [, key] = /\/webhooks\/chatwoot\/([^/?#]+)$/.exec(url ?? '') ?? [];
      return key === undefined ? undefined : hashToken(key);
    },
    /** Whether an address is that of this integration's webhooks; BRIDGE_PUBLIC_URL may have been another one when it was set. */
    isWebhookUrl: (row: Pick<IntegrationRow, 'id' | 'webhookKey'>, url: string | null | undefined): boolean =>
      url?.endsWith(`${WEBHOOK_PATH}${webhookKey(row)}`) ?? false,
  };
}

/** For a row that will never have secrets. */
export const unusedSecrets = () => ({
  id: createId('int'),
  chatwootToken: '',
  webhookKey: '',
  webhookKeyHash: hashToken(createToken('webhook')),
});
