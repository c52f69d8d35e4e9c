import { Command } from 'commander';
import { version } from '../shared/version.ts';
import { stopWithNpm } from './parent-watch.ts';

/** What runs until it is told to end, and then ends with everything it has started. */
const keepsRunning = (name: string, description: string, run: () => Promise<void>): Command =>
  new Command(name).description(description).action(async () => {
    stopWithNpm();
    await run();
  });

interface Part {
  readonly description: string;
  /** Loaded only when it is asked for. */
  readonly load: () => Promise<Command>;
}

/** Commands about an installation that is there: without DATABASE_URL, that of `.ponte`. */
const installationParts: Readonly<Record<string, Part>> = {
  migrate: {
    description: 'brings the databases up to date',
    load: async () => (await import('../scripts/migrate.ts')).createMigrateCommand(),
  },
  account: {
    description: 'makes and lists accounts',
    load: async () => (await import('../api/accounts/commands.ts')).createAccountCommand(),
  },
  token: {
    description: 'renews and revokes tokens of accounts and instances',
    load: async () => (await import('../api/accounts/commands.ts')).createTokenCommand(),
  },
  keys: {
    description: 'the secrets of an installation, and the keys that stored secrets are under',
    load: async () => (await import('../scripts/keys.ts')).createKeysCommand(),
  },
  backup: {
    description: 'writes all rows to a file, while everything runs',
    load: async () => (await import('../scripts/backup.ts')).createBackupCommand(),
  },
  restore: {
    description: 'puts the rows of a backup into an empty database',
    load: async () => (await import('../scripts/backup.ts')).createRestoreCommand(),
  },
  relay: {
    description: 'messages that could not be relayed and were set aside',
    load: async () => (await import('../bridge/dead-letters/relay-command.ts')).createRelayCommand(),
  },
};

const otherParts: Readonly<Record<string, Part>> = {
  verify: {
    description: 'proves an instance’s way to Chatwoot and back, through a running Ponte',
    load: async () => (await import('./verify.ts')).createVerifyCommand(),
  },
  'move-in': {
    description: 'brings instances over from another system, keeping inboxes and conversations',
    load: async () => (await import('../scripts/move-in.ts')).createMoveInCommand(),
  },
  simulators: {
    description: 'a simulated Chatwoot and WhatsApp API to develop against',
    load: async () => (await import('./simulators.ts')).createSimulatorsCommand(),
  },
};

const demoPart: Part = {
  description: 'everything, with a simulated Chatwoot and WhatsApp API',
  load: async () => {
    const [{ createDemoCommand }, { demo }] = await Promise.all([
      import('../embedded/demo/command.ts'),
      import('../embedded/demo/demo.ts'),
    ]);
    return createDemoCommand(demo).hook('preAction', stopWithNpm);
  },
};

/** Needs neither a database nor a key: it makes them. */
const NEEDS_NOTHING = new Set(['make', 'help']);

export interface Program {
  /** What there is to be asked for. */
  readonly names: readonly string[];
  run(): Promise<void>;
}

/** `ponte`, with that part loaded which `args` ask for; of the others it knows what they are for. */
export async function createProgram(args: readonly string[]): Promise<Program> {
  const asked = args[0] === 'help' ? args[1] : args[0];
  let release = async (): Promise<void> => {};
  const program = new Command('ponte')
    .description(
      'Connects WhatsApp API instances to Chatwoot. Settings come from the environment, or from .env in the working directory.',
    )
    .version(version, '-V, --version', 'prints the version')
    .helpCommand('help [command]', 'says more about a command')
    .showHelpAfterError('Say it with --help to see what there is.');

  const addPart = async (name: string, { description, load }: Part): Promise<Command> => {
    const command = (name === asked ? await load() : new Command(name)).description(description);
    program.addCommand(command);
    return command;
  };

  program.commandsGroup('All of it on this machine:');
  program.addCommand(
    keepsRunning('start', 'everything, for real use, on an embedded PostgreSQL or on DATABASE_URL', async () =>
      (await import('../embedded/start.ts')).start(),
    ),
  );
  await addPart('demo', demoPart);

  program.commandsGroup('One process each:');
  program.addCommand(
    keepsRunning('api', 'takes requests, events and replies', async () => void (await import('../api/main.ts'))),
  );
  program.addCommand(keepsRunning('worker', 'runs activations', async () => void (await import('../worker/main.ts'))));
  program.addCommand(keepsRunning('bridge', 'relays messages both ways', async () => void (await import('../bridge/main.ts'))));

  program.commandsGroup('An installation (that of .ponte where no DATABASE_URL is given):');
  for (const [name, part] of Object.entries(installationParts)) {
    const command = await addPart(name, part);
    command.hook('preAction', async (_, action) => {
      if (NEEDS_NOTHING.has(action.name())) return;
      release = await (await import('../embedded/data.ts')).useEmbeddedData(process.env);
    });
  }

  program.commandsGroup('Beside it:');
  for (const [name, part] of Object.entries(otherParts)) await addPart(name, part);
  program.addCommand(
    new Command('version').description('prints the version').action(() => {
      process.stdout.write(`${version}\n`);
    }),
  );
  return {
    names: program.commands.map((command) => command.name()),
    async run() {
      try {
        await program.parseAsync(args, { from: 'user' });
      } finally {
        await release();
      }
    },
  };
}
