import { Command, Option } from 'commander';
import { DEFAULT_DEMO_ENGINE, type DemoEngineName, demoEngineNames, isDemoEngineName } from './engines.ts';

export interface DemoArguments {
  /** Which engine the demo's instances are paired in. */
  readonly engine: DemoEngineName;
  /** Whether it ends once it has shown everything. */
  readonly exits: boolean;
}

/** What stands behind `npm run demo --`. Throws commander's CommanderError, whose message is one line, for what nobody knows. */
export function readDemoArguments(args: readonly string[]): DemoArguments {
  const program = new Command('demo')
    .description('All of Ponte on this machine, against a simulated Chatwoot and a simulated WhatsApp.')
    .addOption(
      new Option('--engine <name>', 'the WhatsApp API to show it on').choices(demoEngineNames).default(DEFAULT_DEMO_ENGINE),
    )
    .option('--exit', 'end afterwards, with 0 only if every step was right')
    .exitOverride()
    .parse(args, { from: 'user' });
  const { engine, exit } = program.opts<{ engine: string; exit?: true }>();
  return { engine: isDemoEngineName(engine) ? engine : DEFAULT_DEMO_ENGINE, exits: exit === true };
}
