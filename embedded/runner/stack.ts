import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { migrate } from '../../shared/database/migrate.ts';
import { migrateQueue, queueLocation } from '../../shared/queue/engine.ts';
import { createEmbeddedPostgres, type EmbeddedPostgres } from '../postgres/embedded-postgres.ts';
import { assertRedisAnswers } from './redis.ts';
import type { RunnerSecrets } from './secrets.ts';
import { type LogTarget, loadService, SERVICES, type ServiceName, type ServiceProcess } from './service-process.ts';

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
  /** Resolves with the URL of the database once that is up to date. */
  readonly migrated: Promise<string>;
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
  const services = new Map<ServiceName, ServiceProcess>();
  const beginning = new Map<ServiceName, Promise<void>>();
  let postgres: EmbeddedPostgres | undefined;
  let databaseUrl = settings.DATABASE_URL;
  let stopping = false;
  let reportFailure: (reason: string) => void;
  const failed = new Promise<string>((resolve) => {
    reportFailure = resolve;
  });
  let reportMigrated: (databaseUrl: string) => void;
  const migrated = new Promise<string>((resolve) => {
    reportMigrated = resolve;
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

  /** All at once, while there is no database yet: to load what they run takes as long as to make one. */
  function loadServices(): void {
    for (const name of SERVICES) {
      const service = loadService({ name, log: options.serviceLog(name) });
      services.set(name, service);
      void service.exited.then(({ code, signal }) => {
        if (!stopping) reportFailure(`${name} ended unexpectedly (${signal ?? `exit code ${code}`})`);
      });
    }
  }

  /** All at once, and none waits for another; a step is that one of them is ready. */
  function beginServices(): void {
    for (const [name, service] of services) {
      const begun = service.begin(serviceEnv());
      // Whoever waits for it is told; until then another one may have failed.
      begun.catch(() => {});
      beginning.set(name, begun);
    }
  }

  const service = (name: ServiceName, title: string): Step => ({
    title,
    run: async () => beginning.get(name),
  });

  const steps: Step[] = [
    {
      title: settings.DATABASE_URL === undefined ? 'PostgreSQL (embedded)' : 'PostgreSQL of DATABASE_URL',
      async run() {
        await mkdir(dataDir, { recursive: true });
        loadServices();
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
        reportMigrated(known(databaseUrl));
        beginServices();
      },
    },
    service('bridge', `Bridge on port ${ports.bridge}`),
    service('api', `Api on port ${ports.api}`),
    service('worker', `Worker, queue in ${settings.REDIS_URL === undefined ? 'PostgreSQL' : 'Redis'}`),
  ];

  return {
    steps,
    failed,
    migrated,
    async stop() {
      stopping = true;
      // The api first: it finishes what clients wait for, and needs the others for that.
      for (const name of SERVICES) await services.get(name)?.stop(SERVICE_GRACE_MS);
      await postgres?.stop();
    },
  };
}

function known(databaseUrl: string | undefined): string {
  if (databaseUrl === undefined) throw new Error('the database is known only after the first step');
  return databaseUrl;
}
