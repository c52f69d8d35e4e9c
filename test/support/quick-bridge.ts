import { createBridge } from '../../bridge/bridge.ts';
import { readBridgeConfig } from '../../shared/config/config.ts';
import { createLogger } from '../../shared/logging/logger.ts';
import { secretsOf } from '../../shared/logging/redaction.ts';
import { runProcess } from '../../shared/run-process.ts';
import { QUICK_BRIDGE } from './quick-times.ts';

/** The bridge as its own entry file runs it, but for the pauses that a test cannot wait for. */
await runProcess('bridge', (env) => {
  const config = readBridgeConfig(env);
  const logger = createLogger({ service: 'bridge', level: config.LOG_LEVEL, secrets: secretsOf(config) });
  return { service: createBridge({ config, logger, timeouts: QUICK_BRIDGE }), logger };
});
