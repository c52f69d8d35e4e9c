import closeWithGrace from 'close-with-grace';
import { Command } from 'commander';
import { applySeed, seedSchema } from './control.ts';
import { createChatwootSimulator } from './index.ts';

/** Runs the simulated Chatwoot as a process of its own; see `--help`. Prints one JSON line when it listens. */
const program = new Command()
  .option('--port <port>', 'port to listen on; 0 takes a free one', process.env.CHATWOOT_SIM_PORT ?? '0')
  .option('--host <host>', 'address to listen on', '127.0.0.1')
  .option('--chatwoot-version <version>', 'release to behave like', '4.16.2')
  .option('--webhook-timeout-ms <ms>', 'open and read timeout of webhooks', '5000')
  .option('--deletion-delay-ms <ms>', 'how long a deleted inbox is still there', '200')
  .option('--block-private-webhooks', 'refuse webhooks to private addresses', false)
  .option('--seed <json>', 'accounts, users and agentBots to start with', process.env.CHATWOOT_SIM_SEED)
  .option('--data <file>', 'keep everything in this file over restarts')
  .parse();

const options = program.opts<{
  port: string;
  host: string;
  chatwootVersion: string;
  webhookTimeoutMs: string;
  deletionDelayMs: string;
  blockPrivateWebhooks: boolean;
  seed?: string;
  data?: string;
}>();

const simulator = createChatwootSimulator({
  port: Number(options.port),
  host: options.host,
  version: options.chatwootVersion,
  webhookTimeoutMs: Number(options.webhookTimeoutMs),
  deletionDelayMs: Number(options.deletionDelayMs),
  blockPrivateWebhooks: options.blockPrivateWebhooks,
  dataFile: options.data,
  log: (line) => console.error(line),
});
closeWithGrace({ delay: 5000, logger: false }, () => simulator.stop());

// A restart with the same data file finds its users there already.
const isFresh = simulator.state.users().length === 0;
if (options.seed !== undefined && isFresh) applySeed(simulator.state, seedSchema.parse(JSON.parse(options.seed)));
const { url, port } = await simulator.start();
console.log(JSON.stringify({ ready: true, url, port }));
