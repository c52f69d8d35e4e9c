import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { migrate } from '../../shared/database/migrate.ts';
import { migrateQueue, queueLocation } from '../../shared/queue/engine.ts';
import { createEmbeddedPostgres, type EmbeddedPostgres } from '../postgres/embedded-postgres.ts';
import { assertRedisAnswers } from './redis.ts';
import type { RunnerSecrets } from './secrets.ts';
import { type LogTarget, type ServiceName, type ServiceProcess, startService } from './service-process.ts';

export interface StackPorts {
  readonly api: number;
  readonly bridge: number;
  readonly worker: number;
  readonly postgres: number;
}

export interface Step {
  readonly title: string;
  run(): Promise<void>;
}

export interface Stack {
  /** What brings everything up, in order. */
  readonly steps: readonly Step[];
  /** Known after the first step. */
  databaseUrl(): string;
  /** Resolves when a service has ended although nobody stopped it. */
  readonly failed: Promise<string>;
  /** Stops everything that was started, the newest first. */
  stop(): Promise<void>;
}

const SERVICE_GRACE_MS = 27_000;

/**
 * All of Ponte on this machine: PostgreSQL (embedded, unless `settings.DATABASE_URL` names one), the bridge, the api and a worker,
 * each a process of its own. `settings` are environment variables and win over what the runner would choose.
 */
export function createStack(options: {
  dataDir: string;
  ports: StackPorts;
  secrets: RunnerSecrets;
  settings: Readonly<Record<string, string>>;
  serviceLog: (name: ServiceName) => LogTarget;
  log: Pick<Logger, 'info' | 'error'>;
}): Stack {
  const { dataDir, ports, secrets, settings } = options;
  const services: ServiceProcess[] = [];
  let postgres: EmbeddedPostgres | undefined;
  let databaseUrl = settings.DATABASE_URL;
  let stopping = false;
  let reportFailure: (reason: string) => void;
  const failed = new Promise<string>((resolve) => {
    reportFailure = resolve;
  });

  const serviceEnv = (): Record<string, string> => ({
    ...secrets,
    BRIDGE_URL: `http://127.0.0.1:${ports.bridge}`,
    BRIDGE_INTERNAL_RYZEAPI_URL: `http://127.0.0.1:${ports.api}`,
    ...settings,
    DATABASE_URL: known(databaseUrl),
    PORT: String(ports.api),
    BRIDGE_PORT: String(ports.bridge),
    WORKER_PORT: String(ports.worker),
  });

  const service = (name: ServiceName, title: string): Step => ({
    title,
    async run() {
      const started = await startService({ name, env: serviceEnv(), log: options.serviceLog(name) });
      services.push(started);
      void started.exited.then(({ code, signal }) => {
        if (!stopping) reportFailure(`${name} ended unexpectedly (${signal ?? `exit code ${code}`})`);
      });
    },
  });

  const steps: Step[] = [
    {
      title: settings.DATABASE_URL === undefined ? 'PostgreSQL (embedded)' : 'PostgreSQL of DATABASE_URL',
      async run() {
        await mkdir(dataDir, { recursive: true });
        if (settings.REDIS_URL !== undefined) await assertRedisAnswers(settings.REDIS_URL);
        if (databaseUrl !== undefined) return;
        postgres = createEmbeddedPostgres({ dataDir: join(dataDir, 'postgres'), port: ports.postgres, log: options.log });
        databaseUrl = (await postgres.start()).url;
      },
    },
    {
      title: 'Migrations',
      async run() {
        await migrate({ databaseUrl: known(databaseUrl) });
        if (settings.BRIDGE_DATABASE_URL !== undefined) await migrate({ databaseUrl: settings.BRIDGE_DATABASE_URL });
        await migrateQueue(queueLocation({ DATABASE_URL: known(databaseUrl), REDIS_URL: settings.REDIS_URL }));
      },
    },
    service('bridge', `Bridge on port ${ports.bridge}`),
    service('api', `Api on port ${ports.api}`),
    service('worker', `Worker, queue in ${settings.REDIS_URL === undefined ? 'PostgreSQL' : 'Redis'}`),
  ];

  return {
    steps,
    failed,
    databaseUrl: () => known(databaseUrl),
    async stop() {
      stopping = true;
      // The api first: it finishes what clients wait for, and needs the others for that.
      for (const name of ['api', 'worker', 'bridge']) {
        await Promise.all(services.filter((one) => one.name === name).map((one) => one.stop(SERVICE_GRACE_MS)));
      }
      await postgres?.stop();
    },
  };
}

function known(databaseUrl: string | undefined): string {
  if (databaseUrl === undefined) throw new Error('the database is known only after the first step');
  return databaseUrl;
}
