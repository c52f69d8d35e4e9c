import { Command } from 'commander';
import { Listr } from 'listr2';
import { Obstacle } from './move-in/call.ts';
import { createEvolution } from './move-in/evolution.ts';
import { moveOne, undoOne } from './move-in/move.ts';
import { createPonteApi } from './move-in/ponte-api.ts';
import { planLines } from './move-in/report.ts';
import type { Source } from './move-in/source.ts';
import { type Prospect, survey } from './move-in/survey.ts';
import type { MoveDeps } from './move-in/take-over.ts';
import { createWaha } from './move-in/waha.ts';

const PATIENCE_MS = 120_000;
/** Each waits mostly for others. */
const AT_A_TIME = 4;

interface Options {
  readonly url: string;
  readonly apikey?: string;
  readonly ponteUrl?: string;
  readonly ponteToken?: string;
  readonly only?: string;
  readonly go?: true;
  readonly undo?: true;
}

const EVOLUTION = { title: 'Evolution API', key: 'its global key', variable: 'EVOLUTION_APIKEY', create: createEvolution };
const WAHA = { title: 'WAHA', key: 'its API key in plain', variable: 'WAHA_APIKEY', create: createWaha };

interface Origin {
  readonly title: string;
  /** What its key is called there, and in the environment. */
  readonly key: string;
  readonly variable: string;
  create(options: { url: string; apikey: string }): Source;
}

async function run({ variable, create }: Origin, options: Options): Promise<void> {
  const apikey = options.apikey ?? process.env[variable];
  const token = options.ponteToken ?? process.env.PONTE_TOKEN;
  if (apikey === undefined || token === undefined) throw new Obstacle(`needs ${variable} and PONTE_TOKEN, see --help`);
  if (options.go && options.undo) throw new Obstacle('either --go or --undo');
  const source = create({ url: options.url.replace(/\/+$/, ''), apikey });
  const ponte = createPonteApi({ url: (options.ponteUrl ?? '').replace(/\/+$/, ''), token });
  const wanted = options.only?.split(',').map((name) => name.trim());
  const found = await survey(source, ponte);
  const prospects = found.filter(({ name }) => wanted === undefined || wanted.includes(name));

  console.log(`${prospects.length} of ${found.length} instances at ${source.url}:`);
  for (const line of planLines(prospects)) console.log(line);
  const acts = prospects.flatMap(options.undo ? undoing : moving);
  if (!options.go && !options.undo) {
    console.log(`\n${acts.length} to be moved. Nothing was changed: run it again with --go.`);
    return;
  }
  console.log('');
  const failures = await runAll(acts, { source, ponte, patienceMs: PATIENCE_MS });
  const done = acts.length - failures.length;
  console.log(`\n${done} ${options.undo ? 'given back' : 'moved'}, ${failures.length} as they were.`);
  for (const { name, reason } of failures) console.log(`  ${name}: ${reason}`);
  if (!options.undo && done > 0) console.log('To undo it: the same command with --undo instead of --go.');
  if (failures.length > 0 || prospects.some(({ kind }) => kind === 'broken')) process.exitCode = 1;
}

interface Act {
  readonly name: string;
  readonly run: (deps: MoveDeps) => Promise<void>;
}

function moving(prospect: Prospect): Act[] {
  const { name } = prospect;
  if (prospect.kind === 'move') return [{ name, run: (deps) => moveOne(deps, prospect.move) }];
  if (prospect.kind !== 'moved' || !prospect.moved.isPaused) return [];
  return [{ name, run: async ({ source: { handover } }) => (handover.kind === 'pause' ? handover.resume(name) : undefined) }];
}

/** Also what was interrupted on its way there, or back. */
function undoing(prospect: Prospect): Act[] {
  const { name } = prospect;
  if (prospect.kind === 'moved') return [{ name, run: (deps) => undoOne(deps, prospect.moved) }];
  return prospect.kind === 'move' && prospect.move.isActive ? [{ name, run: (deps) => undoOne(deps, prospect.move) }] : [];
}

async function runAll(
  acts: readonly Act[],
  deps: Omit<MoveDeps, 'onStep'>,
): Promise<{ readonly name: string; readonly reason: string }[]> {
  const failures: { name: string; reason: string }[] = [];
  const tasks = acts.map(({ name, run: act }) => ({
    title: name,
    task: async (_: unknown, task: { output: string }) => {
      const onStep = (step: string) => {
        task.output = step;
      };
      await act({ ...deps, onStep }).catch((error: unknown) => {
        failures.push({ name, reason: error instanceof Error ? error.message : 'unknown' });
        throw error;
      });
    },
  }));
  await new Listr(tasks, { concurrent: AT_A_TIME, exitOnError: false }).run();
  return failures;
}

/** `ponte move-in …` */
export function createMoveInCommand(): Command {
  const command = new Command('move-in');
  addOrigin(
    command,
    'evolution',
    'from Evolution API with its own Chatwoot integration; shows what it would do, --go does it',
    EVOLUTION,
  );
  addOrigin(command, 'waha', 'from WAHA with its Chatwoot app; shows what it would do, --go does it', WAHA);
  return command;
}

function addOrigin(command: Command, name: string, description: string, origin: Origin): void {
  command
    .command(name)
    .description(description)
    .requiredOption('--url <url>', `address of ${origin.title}, as Ponte reaches it`)
    .option('--apikey <key>', `${origin.key}; better in ${origin.variable}: arguments are seen by every user of the machine`)
    .option('--ponte-url <url>', 'address of Ponte (PONTE_URL)', process.env.PONTE_URL ?? 'http://127.0.0.1:3000')
    .option('--ponte-token <token>', 'TokenAccount of Ponte; better in PONTE_TOKEN')
    .option('--only <names>', 'these instances, by their names there, with commas between')
    .option('--go', 'moves them')
    .option('--undo', `gives those that were moved back to ${origin.title}`)
    .action((options: Options) =>
      run(origin, options).catch((error: unknown) => {
        if (!(error instanceof Obstacle)) throw error;
        console.error(error.message);
        process.exitCode = 1;
      }),
    );
}
