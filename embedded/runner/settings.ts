import { createServer } from 'node:net';
import getPort from 'get-port';
import { z } from 'zod';
import { readConfig } from '../../shared/config/config.ts';
import { variables } from '../../shared/config/variables.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import type { StackPorts } from './stack.ts';

/** Nobody but Ponte's own processes connects to the embedded server: where this port is taken, any other will do. */
const PREFERRED_POSTGRES_PORT = 54_329;

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
  const { PORT, BRIDGE_PORT, WORKER_PORT } = readConfig(portsSchema, env);
  const settings = Object.fromEntries(
    Object.keys(variables).flatMap((name) => {
      const value = env[name];
      return value === undefined || value === '' ? [] : [[name, value] as const];
    }),
  );
  await assertFree(PORT, 'PORT');
  await assertFree(BRIDGE_PORT, 'BRIDGE_PORT');
  await assertFree(WORKER_PORT, 'WORKER_PORT');
  return {
    ports: { api: PORT, bridge: BRIDGE_PORT, worker: WORKER_PORT, postgres: await getPort({ port: PREFERRED_POSTGRES_PORT }) },
    settings,
  };
}

async function assertFree(port: number, variable: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const probe = createServer();
    probe.once('error', () => reject(new PonteError('port_in_use', { port, variable })));
    probe.listen(port, () => probe.close(() => resolve()));
  });
}
