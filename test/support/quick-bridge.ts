import { createBridge } from '../../bridge/bridge.ts';
import { REPLY_TIMING } from '../../bridge/relay/to-whatsapp/reply-queue.ts';
import { readBridgeConfig } from '../../shared/config/config.ts';
import { createLogger } from '../../shared/logging/logger.ts';
import { secretsOf } from '../../shared/logging/redaction.ts';
import { runProcess } from '../../shared/run-process.ts';

/** The bridge as its own entry file runs it, but for the pauses that a test cannot wait for. */
await runProcess('bridge', (env) => {
  const config = readBridgeConfig(env);
  const logger = createLogger({ service: 'bridge', level: config.LOG_LEVEL, secrets: secretsOf(config) });
  const relayPauses = { firstMs: 100, maxMs: 1_000 };
  const replyTiming = { ...REPLY_TIMING, pausesMs: [100, 200, 500], echoGraceMs: 4_000 };
  return { service: createBridge({ config, logger, relayPauses, replyTiming }), logger };
});
