import closeWithGrace from 'close-with-grace';
import { Command } from 'commander';
import { z } from 'zod';
import { newInstanceSchema } from './control.ts';
import type { EngineSimulator } from './engine-simulator.ts';

/** Runs an engine's simulator as a process of its own; see `--help`. Prints one JSON line when it listens. */
export async function run(
  create: (options: { port: number; token: string; log: (line: string) => void }) => EngineSimulator,
): Promise<void> {
  const program = new Command()
    .option('--port <port>', 'port to listen on; 0 takes a free one', process.env.ENGINE_SIM_PORT ?? '0')
    .option('--instances <json>', 'instances to start with: [{"name","token"?,"number"?}]', process.env.ENGINE_SIM_INSTANCES)
    // By the environment only: arguments are seen by every user of the machine.
    .addHelpText(
      'after',
      '\nENGINE_SIM_TOKEN holds the token (default: engine-token). POST /__sim/instances/:name/receive plays WhatsApp.',
    )
    .parse();
  const options = program.opts<{ port: string; instances?: string }>();
  const token = process.env.ENGINE_SIM_TOKEN ?? 'engine-token';
  const simulator = create({ port: Number(options.port), token, log: (line) => console.error(line) });
  closeWithGrace({ delay: 5_000, logger: false }, () => simulator.stop());
  if (options.instances !== undefined) {
    for (const instance of z.array(newInstanceSchema).parse(JSON.parse(options.instances))) simulator.addInstance(instance);
  }
  const { url, port } = await simulator.start();
  console.log(JSON.stringify({ ready: true, url, port }));
}
