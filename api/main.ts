import { readApiConfig } from '../shared/config/config.ts';
import { createLogger } from '../shared/logging/logger.ts';
import { secretsOf } from '../shared/logging/redaction.ts';
import { runProcess } from '../shared/run-process.ts';
import { createApi } from './api.ts';

await runProcess('api', (env) => {
  const config = readApiConfig(env);
  const logger = createLogger({
    service: 'api',
    level: config.LOG_LEVEL,
    secrets: secretsOf(config),
  });
  return { service: createApi({ config, logger }), logger };
});
