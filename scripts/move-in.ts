import { Command } from 'commander';
import { Listr } from 'listr2';
import { Obstacle } from './move-in/call.ts';
import { createEvolutionApi } from './move-in/evolution-api.ts';
import { type MoveDeps, moveOne, undoOne } from './move-in/move.ts';
import { createPonteApi } from './move-in/ponte-api.ts';
import { planLines } from './move-in/report.ts';
import { type Prospect, survey } from './move-in/survey.ts';

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

async function run(options: Options): Promise<void> {
  const apikey = options.apikey ?? process.env.EVOLUTION_APIKEY;
  const token = options.ponteToken ?? process.env.PONTE_TOKEN;
  if (apikey === undefined || token === undefined) throw new Obstacle('needs EVOLUTION_APIKEY and PONTE_TOKEN, see --help');
  const evolution = createEvolutionApi({ url: options.url.replace(/\/+$/, ''), apikey });
  const ponte = createPonteApi({ url: (options.ponteUrl ?? '').replace(/\/+$/, ''), token });
  const wanted = options.only?.split(',').map((name) => name.trim());
  const found = await survey(evolution, ponte);
  const prospects = found.filter(({ name }) => wanted === undefined || wanted.includes(name));

  console.log(`${prospects.length} of ${found.length} instances at ${evolution.url}:`);
  for (const line of planLines(prospects)) console.log(line);
  const act = options.undo ? undoing(prospects) : moving(prospects);
  if (!options.go && !options.undo) {
    console.log(`\n${act.length} to be moved. Nothing was changed: run it again with --go.`);
    return;
  }
  console.log('');
  const failures = await runAll(act, { evolution, ponte, patienceMs: PATIENCE_MS });
  const done = act.length - failures.length;
  console.log(`\n${done} ${options.undo ? 'given back' : 'moved'}, ${failures.length} as they were.`);
  for (const { name, reason } of failures) console.log(`  ${name}: ${reason}`);
  if (!options.undo && done > 0) console.log('To undo it: the same command with --undo instead of --go.');
  if (failures.length > 0 || prospects.some(({ kind }) => kind === 'broken')) process.exitCode = 1;
}

interface Act {
  readonly name: string;
  readonly run: (deps: MoveDeps) => Promise<void>;
}

const moving = (prospects: readonly Prospect[]): Act[] =>
  prospects.flatMap((prospect) =>
    prospect.kind === 'move' ? [{ name: prospect.name, run: (deps) => moveOne(deps, prospect.move) }] : [],
  );

const undoing = (prospects: readonly Prospect[]): Act[] =>
  prospects.flatMap((prospect) =>
    prospect.kind === 'moved'
      ? [{ name: prospect.name, run: (deps) => undoOne(deps, { ...prospect, isActive: true, keepInstance: false }) }]
      : [],
  );

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
  command
    .command('evolution')
    .description('from Evolution API with its own Chatwoot integration; shows what it would do, --go does it')
    .requiredOption('--url <url>', 'address of Evolution API, as Ponte reaches it')
    .option('--apikey <key>', 'its global key; better in EVOLUTION_APIKEY: arguments are seen by every user of the machine')
    .option('--ponte-url <url>', 'address of Ponte (PONTE_URL)', process.env.PONTE_URL ?? 'http://127.0.0.1:3000')
    .option('--ponte-token <token>', 'TokenAccount of Ponte; better in PONTE_TOKEN')
    .option('--only <names>', 'these instances, by their names there, with commas between')
    .option('--go', 'moves them')
    .option('--undo', 'gives those that were moved back to Evolution')
    .action((options: Options) =>
      run(options).catch((error: unknown) => {
        if (!(error instanceof Obstacle)) throw error;
        console.error(error.message);
        process.exitCode = 1;
      }),
    );
  return command;
}
