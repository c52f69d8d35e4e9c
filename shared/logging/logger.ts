import { type DestinationStream, type Logger, pino } from 'pino';
import pretty from 'pino-pretty';

export type { Logger } from 'pino';

const MASK = '[redacted]';
// Ponte's own tokens, wherever they turn up; tokens of others are known by their place (paths) or value (secrets).
const OWN_TOKENS = /pt[aiw]_[2-9A-HJ-NP-Za-km-z]{40}/g;
const SECRET_KEYS = [
  'token',
  'authorization',
  'cookie',
  'password',
  'api_access_token',
  '["api-access-token"]',
  'chatwootApiToken',
  'chatwoot_api_token',
  'chatwootToken',
  'engineToken',
  'engine_token',
  'webhookSecret',
  'secret',
];
const bracket = (key: string): string => (key.startsWith('[') ? key : `.${key}`);

/**
 * A pino logger: readable in a terminal, JSON otherwise. Redacts by path, and by value: Ponte's own tokens and `secrets`
 * (what the configuration holds) never reach the output, whatever field or message they are in.
 */
export function createLogger(options: {
  service: string;
  level: string;
  secrets?: readonly (string | undefined)[];
  destination?: DestinationStream;
}): Logger {
  const secrets = (options.secrets ?? []).filter((value): value is string => value !== undefined && value.length >= 8);
  const mask = (line: string): string =>
    secrets.reduce((text, secret) => text.replaceAll(secret, MASK), line.replace(OWN_TOKENS, MASK));
  const destination =
    options.destination ?? (process.stdout.isTTY ? pretty({ ignore: 'pid,hostname', translateTime: 'HH:MM:ss.l' }) : undefined);

  return pino(
    {
      level: options.level,
      base: { service: options.service, pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: {
        paths: SECRET_KEYS.flatMap((key) => [
          key.replace(/^\./, ''),
          `*${bracket(key)}`,
          `*.*${bracket(key)}`,
          `*.*.*${bracket(key)}`,
        ]),
        censor: MASK,
      },
      hooks: { streamWrite: mask },
    },
    destination ?? pino.destination({ dest: 1, sync: true }),
  );
}
