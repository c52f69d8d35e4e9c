import { type DestinationStream, type Logger, pino } from 'pino';
import pretty from 'pino-pretty';
import { createRedaction } from './redaction.ts';

export type { Logger } from 'pino';

/**
 * A pino logger: readable in a terminal, JSON otherwise. No secret gets out, whatever field or text it is in: see createRedaction. `secrets`
 * are those that are known by their value (`secretsOf` finds them in a configuration).
 */
export function createLogger(options: {
  service: string;
  level: string;
  secrets?: readonly (string | undefined)[];
  destination?: DestinationStream;
}): Logger {
  const destination =
    options.destination ?? (process.stdout.isTTY ? pretty({ ignore: 'pid,hostname', translateTime: 'HH:MM:ss.l' }) : undefined);

  return pino(
    {
      level: options.level,
      base: { service: options.service, pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      hooks: { streamWrite: createRedaction(options.secrets ?? []) },
    },
    destination ?? pino.destination({ dest: 1, sync: true }),
  );
}
