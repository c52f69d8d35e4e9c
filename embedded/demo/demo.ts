import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import getPort from 'get-port';
import { createAccount } from '../../api/accounts/create-account.ts';
import { closeOnSignal } from '../../shared/close-on-signal.ts';
import { createDatabase } from '../../shared/database/database.ts';
import { engineOf } from '../../shared/engines/registry.ts';
import { createLogger } from '../../shared/logging/logger.ts';
import { createChatwootSimulator } from '../../simulators/chatwoot/index.ts';
import { ponteDir } from '../data.ts';
import { runSteps } from '../runner/run-steps.ts';
import { loadSecrets } from '../runner/secrets.ts';
import { createStack } from '../runner/stack.ts';
import { createClient } from './client.ts';
import type { DemoArguments } from './command.ts';
import { createDemoEngine } from './engines.ts';
import { playActivation } from './play-activation.ts';
import { playConsole } from './play-console.ts';
import { playFailures } from './play-failures.ts';
import { playMessages } from './play-messages.ts';
import { createStage } from './stage.ts';

const dataDir = join(ponteDir, 'demo');
const print = (line: string): void => console.log(line);

/**
 * `ponte demo`: all of Ponte on this machine with a simulated Chatwoot and a simulated WhatsApp engine, from an activation to its end.
 * It stays up to be looked at; with `exits` it ends, with 0 only if every step was right. `engine` is the WhatsApp API it is shown on.
 */
export async function demo({ engine: engineName, exits }: DemoArguments): Promise<void> {
  // Every demo starts from nothing; the data of `ponte start` lies beside it and is not touched.
  await rm(dataDir, { recursive: true, force: true });
  await mkdir(dataDir, { recursive: true });

  const ports = {
    api: await getPort({ port: 3000 }),
    bridge: await getPort({ port: 3001 }),
    worker: await getPort({ port: 3002 }),
    postgres: await getPort({ port: 54_330 }),
  };
  const apiUrl = `http://127.0.0.1:${ports.api}`;
  const secrets = await loadSecrets(join(dataDir, 'secrets.json'));
  const chatwoot = createChatwootSimulator({ port: await getPort({ port: 3003 }) });
  const engine = createDemoEngine(engineName, await getPort({ port: 3004 }));
  await engine.start();
  const stack = createStack({
    dataDir,
    ports,
    secrets,
    settings: {
      ...engine.environment(),
      BRIDGE_PUBLIC_URL: `http://127.0.0.1:${ports.bridge}`,
      CHATWOOT_ALLOW_PRIVATE_NETWORK: 'true',
      ENGINE_ALLOW_PRIVATE_NETWORK: 'true',
      LOG_LEVEL: 'debug',
      // The demo asks every 100 ms whether something has arrived.
      RATE_LIMIT_PER_MINUTE: '10000',
    },
    serviceLog: (name) => ({ kind: 'file', path: join(dataDir, `${name}.log`) }),
    log: createLogger({ service: 'runner', level: 'error' }),
  });

  const stop = async (): Promise<void> => {
    await stack.stop();
    await Promise.all([chatwoot.stop(), engine.stop()]);
  };
  closeOnSignal({ delayMs: 60_000 }, async ({ err }) => {
    if (err) console.error(err);
    print('\nStopping …');
    await stop();
  });

  try {
    const startedAt = Date.now();
    await runSteps([
      { title: 'Simulated Chatwoot and WhatsApp engine', run: async () => void (await chatwoot.start()) },
      ...stack.steps,
    ]);
    const database = createDatabase({ url: await stack.migrated, poolSize: 2 });
    const account = await createAccount(database.prisma, 'Demo company');
    const stage = createStage(print);
    const request = createClient(apiUrl, account.token);
    const chatwootUrl = chatwoot.url();
    chatwoot.state.addAccount({ id: 5, name: 'Orion' });
    const chatwootToken = chatwoot.state.addUser({ name: 'Ana', accounts: [{ id: 5, role: 'administrator' }] });
    const engineTitle = engineOf(engine.kind).setup.title;
    const accountToken = account.token;
    const props = { stage, request, database, chatwoot, chatwootUrl, chatwootToken, apiUrl, accountToken, engine, engineTitle };

    const instanceToken = await playActivation(props);
    await playMessages(props, instanceToken);
    await playConsole(props);
    await playFailures(props);
    await database.stop();

    const seconds = ((Date.now() - startedAt) / 1_000).toFixed(1);
    if (stage.failures.length === 0) print(`\nEvery step was right, in ${seconds} s.`);
    else print(`\n${stage.failures.length} step(s) were not right:\n- ${stage.failures.join('\n- ')}\nLogs: ${dataDir}/*.log`);
    if (exits) {
      await stop();
      process.exit(stage.failures.length === 0 ? 0 : 1);
    }
    print(`
It stays up until Ctrl-C. Look at the console, with this demo's instances in it:

  ${apiUrl}/   log in with ${account.token}

and at what is around it:

  ${chatwootUrl}/__sim/   the simulated Chatwoot: inboxes and conversations
  ${apiUrl}/docs          the reference of the api
  ${apiUrl}/admin         the operators' pages, login ${secrets.ADMIN_USER} / ${secrets.ADMIN_PASSWORD}
  ${dataDir}/*.log        what each process wrote

Try it yourself (the token is this demo's own):

  curl -X POST ${apiUrl}/api/instance/new -H 'token: ${account.token}' \\
    -H 'content-type: application/json' -d '${JSON.stringify({ name: 'mine', engine: engine.pair('mine') })}'
  curl -X POST ${apiUrl}/api/chatwoot/set/mine -H 'token: ${account.token}' \\
    -H 'content-type: application/json' \\
    -d '{"chatwootBaseUrl":"${chatwootUrl}","chatwootAccountId":5,"chatwootApiToken":"${chatwootToken}"}'
`);
    const reason = await stack.failed;
    print(reason);
    await stop();
    process.exit(1);
  } catch (error) {
    await stop();
    throw error;
  }
}
