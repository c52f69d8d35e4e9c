import { cloud, engineSuite, gowa, waha, whatsmeow } from '../support/engine-suite.ts';

// One of each kind; the others of WAHA and whatsmeow: test/long/engines.relay.test.ts.

for (const paired of [cloud(), waha('NOWEB'), gowa(), whatsmeow('evolution-go')]) engineSuite(paired);
