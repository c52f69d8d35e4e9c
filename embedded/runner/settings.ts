import { createServer } from 'node:net';
import getPort from 'get-port';
import { z } from 'zod';
import { readConfig } from '../../shared/config/config.ts';
import { variables } from '../../shared/config/variables.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import { listenFault } from '../../shared/http/listen-fault.ts';
import type { StackPorts } from './stack.ts';

/** Nobody but Ponte's own processes connects to the embedded server: where this port is taken, any other will do. */
const PREFERRED_POSTGRES_PORT = 54_329;

const urlsSchema = z.object({
  DATABASE_URL: variables.DATABASE_URL.optional(),
  BRIDGE_DATABASE_URL: variables.BRIDGE_DATABASE_URL,
  REDIS_URL: variables.REDIS_URL,
});
const portsSchema = z.object({ PORT: variables.PORT, BRIDGE_PORT: variables.BRIDGE_PORT, WORKER_PORT: variables.WORKER_PORT });

/**
 * The settings a user gave (every variable Ponte knows, where it is set), checked before anything is started: a wrong value or a
 * port in use is told at once and not by a service that dies later. Throws PonteError `config_invalid` or `port_in_use`.
 */
export async function readRunnerSettings(
  env: NodeJS.ProcessEnv,
): Promise<{ ports: StackPorts; settings: Record<string, string> }> {
  const shape = Object.fromEntries(Object.entries(variables).map(([name, schema]) => [name, schema.optional()]));
  readConfig(z.object(shape), env);
  // As they are to be used: passwords in them are escaped.
  const urls = readConfig(urlsSchema, env);
  const { PORT, BRIDGE_PORT, WORKER_PORT } = readConfig(portsSchema, env);
  const settings = Object.fromEntries(
    Object.keys(variables).flatMap((name) => {
      const value = env[name];
      return value === undefined || value === '' ? [] : [[name, value] as const];
    }),
  );
  for (const [name, url] of Object.entries(urls)) if (url !== undefined) settings[name] = url;
  assertDifferent({ PORT, BRIDGE_PORT, WORKER_PORT });
  await assertFree(PORT, 'PORT');
  await assertFree(BRIDGE_PORT, 'BRIDGE_PORT');
  await assertFree(WORKER_PORT, 'WORKER_PORT');
  return {
    ports: { api: PORT, bridge: BRIDGE_PORT, worker: WORKER_PORT, postgres: await getPort({ port: PREFERRED_POSTGRES_PORT }) },
    settings,
  };
}

function assertDifferent(ports: Readonly<Record<string, number>>): void {
  const names = new Map<number, string>();
  const faults = Object.entries(ports).flatMap(([name, port]) => {
    const other = names.get(port);
    names.set(port, name);
    return other === undefined ? [] : [`${name} must differ from ${other}: both are ${port}`];
  });
  if (faults.length > 0) throw new PonteError('config_invalid', { faults: faults.join('\n  ') });
}

async function assertFree(port: number, variable: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error) => reject(listenFault(error, { port, variable })));
    probe.listen(port, () => probe.close(() => resolve()));
  });
}
