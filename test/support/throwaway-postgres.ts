import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { createEmbeddedPostgres } from '../../embedded/postgres/embedded-postgres.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import { freePort } from './ports.ts';
import { killWithUs } from './watchdog.ts';

const PORT_TRIES = 3;

/** A real PostgreSQL on a free port, its data below `place`: gone after `stop`, and gone however this process ends. */
export async function startThrowawayPostgres({ place = tmpdir() } = {}): Promise<{ url: string; stop(): Promise<void> }> {
  const log = pino({ level: 'error' });
  const within = await mkdtemp(join(place, 'ponte-throwaway-'));
  // The server may be somebody else's, who looks for no more than what is his.
  await chmod(within, 0o711);
  for (let attempt = 1; ; attempt += 1) {
    const server = createEmbeddedPostgres({ ephemeral: true, within, port: await freePort(), log });
    try {
      const { url, pid } = await server.start();
      const dismissWatchdog = killWithUs(pid, { signal: 'QUIT', remove: within });
      return {
        url,
        stop: async () => {
          dismissWatchdog();
          await server.stop();
          await rm(within, { recursive: true, force: true });
        },
      };
    } catch (error) {
      // Somebody else may take a port between the moment it was found free and the moment the server binds it.
      if (error instanceof PonteError && error.code === 'port_in_use' && attempt < PORT_TRIES) continue;
      await rm(within, { recursive: true, force: true });
      throw error;
    }
  }
}
