import { engineSuite, waha, whatsmeow } from '../support/engine-suite.ts';

for (const paired of [waha('GOWS'), waha('WEBJS'), whatsmeow('wuzapi')]) engineSuite(paired);
