import { Client } from 'pg';

/** The bridge process that has the integrations: none of those that are measured, which would open a stream for each. */
const ELSEWHERE = 'elsewhere';

/**
 * Instances of one account, of which nine in ten are activated: each with 20 events (in every tenth one of them waiting), replies, two
 * activations; one in fifty with a message set aside. Resolves when PostgreSQL knows how its tables look.
 */
export async function fillAccount(databaseUrl: string, accountId: string, instances: number): Promise<void> {
  // Not of the pool: its statements have a time limit that a hundred thousand rows need not keep.
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const run = (text: string, ...values: readonly unknown[]) => client.query(text, [...values]);
    const active = 'FROM instances n WHERE n.account_id = $1 AND right(n.name, 1) <> $2';
    await run(
      'INSERT INTO bridge_processes (owner, until) VALUES ($1, now() + interval $$1 day$$) ON CONFLICT DO NOTHING',
      ELSEWHERE,
    );
    await run(
      `INSERT INTO instances (id, account_id, name, token_hash)
        SELECT $1::text || '-' || n, $1, (ARRAY['loja', 'suporte', 'vendas', 'financeiro'])[n % 4 + 1] || '-' || lpad(n::text, 5, '0'), $1 || n
        FROM generate_series(1, $2::int) AS n`,
      accountId,
      instances,
    );
    await run(
      `INSERT INTO activations (id, instance_id, state, request_hash, settings, deadline_at, created_at)
        SELECT n.id || '-a' || k, n.id, 'succeeded', 'hash', '{}', now(), now() - k * interval '1 day' FROM instances n, generate_series(1, 2) AS k
        WHERE n.account_id = $1`,
      accountId,
    );
    await run(
      `INSERT INTO chatwoot_integrations (id, instance_id, bridge_integration_id, chatwoot_base_url, chatwoot_account_id, chatwoot_token,
          chatwoot_inbox_id, chatwoot_inbox_name, sign_messages, ignore_groups, start_as_pending, reopen_resolved, activation_id, updated_at)
        SELECT n.id || '-c', n.id, n.id || '-b', 'https://chatwoot.example.com', 5, 'envelope', 1, 'WhatsApp', false, false, false, false, n.id || '-a1', now()
        ${active}`,
      accountId,
      '0',
    );
    await run(
      `INSERT INTO bridge_integrations (id, instance_id, instance_name, idempotency_key, state, status, ryzeapi_url, chatwoot_base_url,
          chatwoot_account_id, chatwoot_token, inbox_id, inbox_name, sign_messages, ignore_groups, start_as_pending, reopen_resolved,
          webhook_key_hash, webhook_key, last_to_chatwoot_at, lease_owner, lease_until, updated_at)
        SELECT n.id || '-b', n.id, n.name, n.id, 'active', 'active', 'http://127.0.0.1:9', 'https://chatwoot.example.com', 5, 'envelope', 1,
          'WhatsApp', false, false, false, false, n.id, 'envelope', now(), $3, now() + interval '1 day', now()
        ${active}`,
      accountId,
      '0',
      ELSEWHERE,
    );
    await run(
      `INSERT INTO engine_events (instance_id, sequence, dedupe_key, chat, payload_bytes, acked_at)
        SELECT n.id, k, k, 'a-chat', 100, CASE WHEN k = 20 AND right(n.name, 1) = '1' THEN NULL ELSE now() END
        FROM instances n, generate_series(1, 20) AS k WHERE n.account_id = $1`,
      accountId,
    );
    await run(
      `INSERT INTO bridge_dead_letters (id, integration_id, direction, chat, reason, attempts, payload)
        SELECT n.id || '-d', n.id || '-b', 'to_chatwoot', 'a-chat', 'Chatwoot refused it', 3, '{}'
        FROM instances n WHERE n.account_id = $1 AND right(n.name, 2) IN ('11', '61')`,
      accountId,
    );
    await run('ANALYZE');
  } finally {
    await client.end();
  }
}
