import { itKeepsIntegrationsApart } from './suites/relay-isolation.ts';

itKeepsIntegrationsApart({ healthy: 5, perSecond: 6, seconds: 3 });
