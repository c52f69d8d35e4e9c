import pg from 'pg';

const ROWS = 8_000;
/** Of what there is one for each customer. */
const CUSTOMERS = 2_000;
const FEWER: Readonly<Record<string, number>> = {
  ...{ accounts: CUSTOMERS, instances: CUSTOMERS, chatwoot_integrations: CUSTOMERS, bridge_integrations: CUSTOMERS },
  ...{ bridge_processes: 4, bridge_locks: 4, login_attempts: 100, console_sessions: 100 },
};

/**
 * Columns whose values are those of a house that has run for long: nearly everything is done. All others are different in each row; those
 * that may be null are.
 */
const VALUES: Readonly<Record<string, string>> = {
  ...{ integration_id: `'int_many' || n % ${CUSTOMERS}`, instance_id: `'ins_many' || n % ${CUSTOMERS}`, acked_at: 'now()' },
  ...{ 'bridge_integrations.id': `'int_many' || n`, 'instances.id': `'ins_many' || n`, account_id: `'acc_many' || n` },
  ...{ lease_owner: `'bridge' || n % 100`, lease_until: `now() + interval '100 years'`, sent_at: 'now()', done_at: 'now()' },
  ...{ 'activations.state': `'succeeded'`, 'removals.state': `'done'`, 'bridge_replies.state': `'sent'`, finished_at: 'now()' },
  ...{
    'bridge_dead_letters.state': `'resent'`,
    report: `''`,
    connection_check_at: 'now()',
    ends_at: `now() + interval '1 hour'`,
  },
  ...{
    'bridge_integrations.state': `'active'`,
    'bridge_integrations.status': `'active'`,
    shown_failed: 'false',
    handed_over_at: 'now()',
  },
};

const BY_TYPE: Readonly<Record<string, string>> = {
  ...{ text: `'x' || n`, int4: 'n', int8: 'n', bool: 'false', timestamptz: `now() - n * interval '1 second'`, float8: 'n' },
  ...{ jsonb: `'{}'`, numeric: 'n', bytea: `'\\x00'` },
};

interface Column {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
  readonly enumerated: boolean;
}

/** Fills every table with so many rows that PostgreSQL reads one from its beginning to its end only where no index helps. */
export async function fillTables(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    // Rows need not refer to others that are there.
    await client.query('SET session_replication_role = replica');
    const { rows } = await client.query<{ name: string; columns: Column[] }>(`
      SELECT class.relname AS name, json_agg(json_build_object('name', attname, 'type', typname, 'enumerated', typtype = 'e',
               'nullable', NOT attnotnull)) AS columns
        FROM pg_class AS class JOIN pg_attribute ON attrelid = class.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
        JOIN pg_type AS type ON type.oid = atttypid
        LEFT JOIN pg_attrdef AS given ON adrelid = class.oid AND adnum = attnum
       WHERE class.relkind = 'r' AND class.relnamespace = 'public'::regnamespace AND class.relname <> '_prisma_migrations'
         AND coalesce(pg_get_expr(adbin, adrelid), '') NOT LIKE 'nextval%'
       GROUP BY class.relname`);
    for (const { name: table, columns } of rows) {
      const chosen = columns.flatMap((column) => {
        const value = expressionFor(table, column);
        return value === undefined ? [] : [{ name: column.name, value: `(${value})::"${column.type}"` }];
      });
      await client.query(`INSERT INTO "${table}" (${chosen.map(({ name }) => `"${name}"`).join(', ')})
        SELECT ${chosen.map(({ value }) => value).join(', ')} FROM generate_series(1, ${FEWER[table] ?? ROWS}) AS n ON CONFLICT DO NOTHING`);
    }
    await client.query('ANALYZE');
  } finally {
    await client.end();
  }
}

function expressionFor(table: string, { name, type, nullable, enumerated }: Column): string | undefined {
  const chosen = VALUES[`${table}.${name}`] ?? VALUES[name];
  if (chosen !== undefined) return chosen;
  if (nullable) return undefined;
  return enumerated ? `(enum_range(NULL::"${type}"))[1]::text` : (BY_TYPE[type] ?? `'{}'`);
}
