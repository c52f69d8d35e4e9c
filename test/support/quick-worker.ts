import { createBridgeClient } from '../../shared/bridge-client/client.ts';
import { readWorkerConfig } from '../../shared/config/config.ts';
import { createDatabase } from '../../shared/database/database.ts';
import { createKeyring } from '../../shared/encryption/keyring.ts';
import { createLogger } from '../../shared/logging/logger.ts';
import { secretsOf } from '../../shared/logging/redaction.ts';
import { runProcess } from '../../shared/run-process.ts';
import { createWorker } from '../../worker/worker.ts';
import { QUICK_WORKER } from './quick-times.ts';

/** The worker as its own entry file runs it, but for the times that a test cannot wait for. */
await runProcess('worker', (env) => {
  const config = readWorkerConfig(env);
  const logger = createLogger({ service: 'worker', level: config.LOG_LEVEL, secrets: secretsOf(config) });
  const onError = (error: Error) => logger.warn({ reason: error.message }, 'a database connection was lost');
  const database = createDatabase({ url: config.DATABASE_URL, onError });
  const bridge = createBridgeClient({ url: config.BRIDGE_URL, token: config.BRIDGE_TOKEN });
  const keyring = createKeyring(config.ENCRYPTION_KEYS);
  return { service: createWorker({ config, database, keyring, bridge, logger, timeouts: QUICK_WORKER }), logger };
});
