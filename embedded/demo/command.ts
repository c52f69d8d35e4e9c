import { Command, Option } from 'commander';
import { DEFAULT_DEMO_ENGINE, type DemoEngineName, demoEngineNames, isDemoEngineName } from './engines.ts';

export interface DemoArguments {
  /** Which engine the demo's instances are paired in. */
  readonly engine: DemoEngineName;
  /** Whether it ends once it has shown everything. */
  readonly exits: boolean;
}

/** `ponte demo` */
export const createDemoCommand = (run: (told: DemoArguments) => Promise<void>): Command =>
  new Command('demo')
    .addOption(
      new Option('--engine <name>', 'the WhatsApp API to show it on').choices(demoEngineNames).default(DEFAULT_DEMO_ENGINE),
    )
    .option('--exit', 'ends afterwards: with 0 if every step was right')
    .action(({ engine, exit }: { engine: string; exit?: true }) =>
      run({ engine: isDemoEngineName(engine) ? engine : DEFAULT_DEMO_ENGINE, exits: exit === true }),
    );
