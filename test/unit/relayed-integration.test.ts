import { pino } from 'pino';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { IntegrationRow } from '../../bridge/integrations/store.ts';
import { createRelayedIntegration } from '../../bridge/relay/to-chatwoot/relayed-integration.ts';

const ROW = {
  id: 'int_1',
  instanceId: 'ins_1',
  leaseEpoch: 1,
  status: 'active',
  lastError: '',
  phoneState: '',
  language: null,
  accountLocale: 'pt_BR',
} as IntegrationRow;

type Deps = Parameters<typeof createRelayedIntegration>[0];

function run(row: IntegrationRow) {
  const statements: unknown[][] = [];
  const deps = {
    row,
    ready: Promise.resolve(),
    // Of the database, statements are all it uses here.
    database: { prisma: { $executeRaw: async (_text: unknown, ...values: unknown[]) => statements.push(values) } },
    holdsLease: () => true,
    pauses: { firstMs: 1, maxMs: 1 },
    logger: pino({ level: 'silent' }),
  };
  // Whatever else a relay has is not touched before an event comes.
  return { integration: createRelayedIntegration(deps as unknown as Deps), statements };
}

describe('an integration that is run', () => {
  afterEach(() => void vi.useRealTimers());

  it('has no relay as long as nothing happens, and one from the first need on', () => {
    const { integration } = run(ROW);
    integration.changed({ ...ROW, inboxName: 'Another' });
    expect(integration.begun()).toBeUndefined();
    const relay = integration.relay();
    expect(integration.begun()).toBe(relay);
    expect(integration.relay()).toBe(relay);
  });

  it.each<[string, Partial<IntegrationRow>]>([
    ['trouble', { status: 'error', lastError: 'Chatwoot is away' }],
    ['notice', { lastError: 'somebody should look' }],
    ['phone that was not connected', { status: 'paused', phoneState: 'close' }],
  ])('has one at once where an earlier run left a %s, also when its row comes to say so', (_what, left) => {
    expect(run({ ...ROW, ...left }).integration.begun()).toBeDefined();
    const { integration } = run(ROW);
    integration.changed({ ...ROW, ...left });
    expect(integration.begun()).toBeDefined();
  });

  it('ends a trouble of an earlier run that does not show again, without any event', async () => {
    vi.useFakeTimers();
    const { statements } = run({ ...ROW, status: 'error', lastError: 'Chatwoot is away' });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(statements).toEqual([['active', '', 'int_1', 1]]);
  });
});
