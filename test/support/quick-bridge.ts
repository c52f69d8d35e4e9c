import { createBridge } from '../../bridge/bridge.ts';
import { BRIDGE_TIMEOUTS } from '../../bridge/timeouts.ts';
import { readBridgeConfig } from '../../shared/config/config.ts';
import { createLogger } from '../../shared/logging/logger.ts';
import { secretsOf } from '../../shared/logging/redaction.ts';
import { runProcess } from '../../shared/run-process.ts';

/** The bridge as its own entry file runs it, but for the pauses that a test cannot wait for. */
await runProcess('bridge', (env) => {
  const config = readBridgeConfig(env);
  const logger = createLogger({ service: 'bridge', level: config.LOG_LEVEL, secrets: secretsOf(config) });
  const timeouts = {
    ...BRIDGE_TIMEOUTS,
    relayPauses: { firstMs: 100, maxMs: 1_000 },
    replies: { ...BRIDGE_TIMEOUTS.replies, pauses: { firstMs: 100, maxMs: 500 }, echoGraceMs: 4_000 },
  };
  return { service: createBridge({ config, logger, timeouts }), logger };
});
