import { readBridgeConfig } from '../shared/config/config.ts';
import { createLogger } from '../shared/logging/logger.ts';
import { secretsOf } from '../shared/logging/redaction.ts';
import { runProcess } from '../shared/run-process.ts';
import { createBridge } from './bridge.ts';

await runProcess('bridge', (env) => {
  const config = readBridgeConfig(env);
  const logger = createLogger({
    service: 'bridge',
    level: config.LOG_LEVEL,
    secrets: secretsOf(config),
  });
  return { service: createBridge({ config, logger }), logger };
});
