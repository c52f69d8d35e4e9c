import type { SecretContext } from './keyring.ts';

/** A column that holds envelopes, and what they are bound to. */
export interface SecretColumn {
  readonly table: string;
  readonly column: string;
  /** Column with the id that the envelope is bound to. */
  readonly owner: string;
  readonly purpose: SecretContext['purpose'];
  /** SQL that leaves out rows which cannot hold an envelope, where an index makes that worth while. */
  readonly only?: string;
}

/** Every place in the databases where a secret is kept. The rotation of keys and the check at the start go by this list. */
export const apiSecrets: readonly SecretColumn[] = [
  { table: 'instances', column: 'engine_token', owner: 'id', purpose: 'engine-token' },
  { table: 'instances', column: 'engine_secret', owner: 'id', purpose: 'engine-secret' },
  { table: 'instances', column: 'delivery_key', owner: 'id', purpose: 'engine-delivery-key' },
  { table: 'engine_webhooks', column: 'engine_token', owner: 'instance_id', purpose: 'engine-token' },
  { table: 'engine_webhooks', column: 'engine_secret', owner: 'instance_id', purpose: 'engine-secret' },
  { table: 'engine_webhooks', column: 'delivery_key', owner: 'instance_id', purpose: 'engine-delivery-key' },
  { table: 'engine_webhooks', column: 'previous', owner: 'instance_id', purpose: 'engine-webhook-before' },
  { table: 'notification_endpoints', column: 'secret', owner: 'id', purpose: 'notification-secret' },
  { table: 'notification_endpoints', column: 'previous_secret', owner: 'id', purpose: 'notification-secret' },
  { table: 'chatwoot_integrations', column: 'chatwoot_token', owner: 'instance_id', purpose: 'chatwoot-token' },
  {
    table: 'activations',
    column: 'chatwoot_token',
    owner: 'instance_id',
    purpose: 'chatwoot-token',
    only: "state IN ('pending', 'running')",
  },
];

/** Those of the bridge, which may have a database of its own. */
export const bridgeSecrets: readonly SecretColumn[] = [
  { table: 'bridge_integrations', column: 'chatwoot_token', owner: 'instance_id', purpose: 'bridge-chatwoot-token' },
  { table: 'bridge_integrations', column: 'webhook_key', owner: 'id', purpose: 'bridge-webhook-key' },
  { table: 'bridge_integrations', column: 'webhook_secret', owner: 'id', purpose: 'bridge-webhook-secret' },
  { table: 'bridge_integrations', column: 'webhook_secret_before', owner: 'id', purpose: 'bridge-webhook-secret' },
  { table: 'bridge_integrations', column: 'adopted_webhook_url', owner: 'id', purpose: 'bridge-webhook-before' },
];

/** The rows of a column that do hold one. The names come from the lists above, never from outside. */
export const withSecret = ({ column, only = 'true' }: SecretColumn): string => `${only} AND ${column} <> ''`;
