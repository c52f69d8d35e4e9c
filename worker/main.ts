import { createBridgeClient } from '../shared/bridge-client/client.ts';
import { readWorkerConfig } from '../shared/config/config.ts';
import { createDatabase } from '../shared/database/database.ts';
import { createKeyring } from '../shared/encryption/keyring.ts';
import { createLogger } from '../shared/logging/logger.ts';
import { secretsOf } from '../shared/logging/redaction.ts';
import { runProcess } from '../shared/run-process.ts';
import { createWorker } from './worker.ts';

await runProcess('worker', (env) => {
  const config = readWorkerConfig(env);
  const logger = createLogger({
    service: 'worker',
    level: config.LOG_LEVEL,
    secrets: secretsOf(config),
  });
  const database = createDatabase({
    url: config.DATABASE_URL,
    onError: (error) => logger.warn({ reason: error.message }, 'a database connection was lost'),
  });
  const bridge = createBridgeClient({ url: config.BRIDGE_URL, token: config.BRIDGE_TOKEN });
  const keyring = createKeyring(config.ENCRYPTION_KEYS);
  return { service: createWorker({ config, database, keyring, bridge, logger }), logger };
});
