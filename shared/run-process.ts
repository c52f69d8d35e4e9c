import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { z } from 'zod';
import { closeOnSignal } from './close-on-signal.ts';
import { PonteError } from './errors/ponte-error.ts';
import type { Logger } from './logging/logger.ts';
import { version } from './version.ts';

export interface Service {
  start(): Promise<void>;
  stop(): Promise<void>;
}

const settingsSchema = z.record(z.string(), z.string());
/** Among the arguments of a process: its settings come as a message of its parent, once that has a database for it. */
export const SETTINGS_FOLLOW = '--settings-follow';

/** A clean stop must end within this, whatever is away: orchestrators kill after 30 s by default. */
export const SHUTDOWN_DEADLINE_MS = 25_000;

/**
 * Runs a service until SIGTERM or SIGINT and stops it cleanly. A start that fails for a reason we know prints one line a reason
 * and exits with 1. `.env` in the working directory is read where there is one.
 */
export async function runProcess(
  name: string,
  create: (env: NodeJS.ProcessEnv) => { service: Service; logger: Logger },
): Promise<void> {
  // Started by the one-machine runner: when that dies, however it dies, its services must not stay behind.
  const endWithParent = () => process.kill(process.pid, 'SIGTERM');
  process.once('disconnect', endWithParent);
  if (process.argv.includes(SETTINGS_FOLLOW)) {
    if (!process.connected) endWithParent();
    Object.assign(process.env, settingsSchema.parse((await once(process, 'message'))[0]));
  }
  if (existsSync('.env')) process.loadEnvFile('.env');
  try {
    const { service, logger } = create(process.env);
    closeOnSignal({ delayMs: SHUTDOWN_DEADLINE_MS }, async ({ signal, err }) => {
      if (err) logger.fatal({ err }, `${name} stops: unexpected error`);
      else logger.info({ signal }, `${name} is stopping`);
      await service.stop();
      logger.info(`${name} has stopped`);
    });
    logger.info({ version }, `${name} is starting`);
    await service.start();
    process.send?.({ ready: true });
  } catch (error) {
    if (!(error instanceof PonteError)) throw error;
    process.stderr.write(`${name}: ${error.message}\n`);
    process.exit(1);
  }
}
