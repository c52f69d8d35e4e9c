import { afterAll, beforeAll, describe } from 'vitest';
import { startStack } from '../support/stack.ts';
import { createPairedStack } from './suites/paired-stack.ts';
import { describeRelayToChatwoot } from './suites/relay-to-chatwoot.ts';
import { describeRelayToWhatsapp } from './suites/relay-to-whatsapp.ts';

describe('both ways through the same processes', () => {
  const paired = createPairedStack();
  beforeAll(() =>
    paired.start((env) =>
      startStack({ engine: 'postgres', bridges: 2, env, entries: { bridge: 'test/support/quick-bridge.ts' } }),
    ),
  );
  afterAll(() => paired.stop());

  // In this order: the second leaves one bridge.
  describeRelayToChatwoot(paired);
  describeRelayToWhatsapp(paired);
});
