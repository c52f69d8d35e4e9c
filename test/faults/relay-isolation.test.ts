import { itKeepsIntegrationsApart } from '../e2e/suites/relay-isolation.ts';

itKeepsIntegrationsApart({ healthy: 20, perSecond: 12, seconds: 6, heldUpMs: 2_000 });
