import { readBridgeConfig } from '../shared/config/config.ts';
import { createLogger } from '../shared/logging/logger.ts';
import { runProcess } from '../shared/run-process.ts';
import { createBridge } from './bridge.ts';

await runProcess('bridge', (env) => {
  const config = readBridgeConfig(env);
  const logger = createLogger({
    service: 'bridge',
    level: config.LOG_LEVEL,
    secrets: [config.BRIDGE_TOKEN, config.ADMIN_PASSWORD],
  });
  // Until there is a relay the events stay unacknowledged, so the api keeps them.
  const onEvent = () => {};
  return { service: createBridge({ config, logger, onEvent }), logger };
});
