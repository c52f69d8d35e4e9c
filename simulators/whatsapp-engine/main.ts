import closeWithGrace from 'close-with-grace';
import { Command } from 'commander';
import { z } from 'zod';
import { newInstanceSchema } from './control.ts';
import { createWhatsappEngineSimulator } from './index.ts';

/** Runs the simulated WhatsApp engine as a process of its own; see `--help`. Prints one JSON line when it listens. */
const program = new Command()
  .option('--port <port>', 'port to listen on; 0 takes a free one', process.env.ENGINE_SIM_PORT ?? '0')
  .option('--ingest-url <url>', 'where events go; :instance stands for the instance', process.env.ENGINE_SIM_INGEST_URL)
  .option('--instances <json>', 'instances to start with', process.env.ENGINE_SIM_INSTANCES)
  .option('--data <file>', 'keep everything in this file over restarts')
  // By the environment only: arguments are seen by every user of the machine.
  .addHelpText('after', '\nENGINE_SIM_TOKEN holds the TokenAccount (default: engine-token).')
  .parse();

const options = program.opts<{ port: string; ingestUrl?: string; instances?: string; data?: string }>();
const simulator = createWhatsappEngineSimulator({
  port: Number(options.port),
  token: process.env.ENGINE_SIM_TOKEN ?? 'engine-token',
  ingestUrl: options.ingestUrl,
  dataFile: options.data,
  log: (line) => console.error(line),
});
closeWithGrace({ delay: 5_000, logger: false }, () => simulator.stop());

if (options.instances !== undefined) {
  for (const instance of z.array(newInstanceSchema).parse(JSON.parse(options.instances))) simulator.state.addInstance(instance);
}
const { url, port } = await simulator.start();
console.log(JSON.stringify({ ready: true, url, port }));
