import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createInstanceReader, type InstanceReader, searchSchema } from '../../admin/console/instances/read.ts';
import { createDatabase, type Database } from '../../shared/database/database.ts';
import { createTestDatabase } from '../support/database.ts';

interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

describe('the list of instances', () => {
  let stopAll: () => Promise<void>;
  let database: Database;
  let reader: InstanceReader;
  const asked: { path: string; ids: number }[] = [];

  /** Accounts with so many instances each, all activated. */
  async function fill(accounts: Readonly<Record<string, number>>): Promise<void> {
    for (const [account, instances] of Object.entries(accounts)) {
      await database.pool.query('INSERT INTO accounts (id, name, token_hash) VALUES ($1, $1, $1)', [account]);
      await database.pool.query(
        `INSERT INTO instances (id, account_id, name, token_hash)
          SELECT $1::text || '-' || n, $1, 'shop-' || lpad(n::text, 5, '0'), $1 || n FROM generate_series(1, $2::int) AS n`,
        [account, instances],
      );
      await database.pool.query(
        `INSERT INTO chatwoot_integrations (id, instance_id, bridge_integration_id, chatwoot_base_url, chatwoot_account_id, chatwoot_token,
            chatwoot_inbox_name, sign_messages, ignore_groups, start_as_pending, reopen_resolved, activation_id, updated_at)
          SELECT id, id, id, 'https://chatwoot.example.com', 5, '', '', false, false, false, false, '', now() FROM instances WHERE account_id = $1`,
        [account],
      );
    }
    await database.pool.query('ANALYZE');
  }

  beforeAll(async () => {
    const testDatabase = await createTestDatabase();
    database = createDatabase({ url: testDatabase.url, poolSize: 4 });
    stopAll = async () => {
      await database.stop();
      await testDatabase.drop();
    };
    reader = createInstanceReader({
      prisma: database.prisma,
      ask: async ({ path, json, answer }) => {
        const ids = (json as { ids: string[] } | undefined)?.ids ?? [];
        asked.push({ path, ids: ids.length });
        return { kind: 'ok', value: answer.parse({ integrations: [], ids: [] }) };
      },
    });
    await fill({ few: 3, many: 1_000, others: 3_000 });
  });
  afterAll(() => stopAll?.());

  /** What one page asks of the database and of the bridge. */
  async function costOf(accountId: string, search: Readonly<Record<string, string>>) {
    const statements: Statement[] = [];
    const query = vi.spyOn(database.pool, 'query');
    asked.length = 0;
    try {
      const found = await reader.search({ accountId }, searchSchema.parse(search));
      for (const [given, values] of query.mock.calls as unknown[][]) {
        const { text, values: inside } =
          typeof given === 'string' ? { text: given, values: undefined } : (given as Partial<Statement>);
        statements.push({ text: text ?? '', values: (inside ?? values ?? []) as unknown[] });
      }
      return { found, statements, asked: [...asked] };
    } finally {
      query.mockRestore();
    }
  }

  it('costs as many statements and questions with a thousand instances as with three', async () => {
    const few = await costOf('few', {});
    const many = await costOf('many', {});
    expect([few.found.rows.length, few.found.counts.all]).toEqual([3, 3]);
    expect([many.found.rows.length, many.found.counts.all]).toEqual([50, 1_000]);
    expect(few.statements.length).toBeGreaterThan(5);
    expect(many.statements.length).toBe(few.statements.length);
    // One question for the whole page, and one for what wants attention.
    expect(many.asked.map(({ path }) => path).sort()).toEqual(['/v1/overview', '/v1/overview/troubled']);
    expect(Math.max(...many.asked.map(({ ids }) => ids))).toBe(50);
  });

  it('is read by its index, page by page and whatever other accounts have', async () => {
    const searches: Readonly<Record<string, string>>[] = [{}, { page: '20' }, { q: 'shop-0001' }];
    for (const search of searches) {
      const { statements } = await costOf('many', search);
      const page = statements.find(({ text }) => /FROM "public"\."instances".* ORDER BY .* LIMIT/s.test(text));
      const plan = await database.pool.query(`EXPLAIN ${page?.text}`, [...(page?.values ?? [])]);
      expect(JSON.stringify({ search, plan: plan.rows })).toContain('instances_account_id_name_key');
    }
  });
});
