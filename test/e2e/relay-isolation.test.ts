import { itKeepsIntegrationsApart } from './suites/relay-isolation.ts';

itKeepsIntegrationsApart({ healthy: 3, perSecond: 4, seconds: 2, heldUpMs: 8_000 });
