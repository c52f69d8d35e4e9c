import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Stryker } from '@stryker-mutator/core';
import { AREAS, type Area } from './areas.ts';

/** One change to the code, and whether a test noticed it. */
type Mutant = Awaited<ReturnType<Stryker['runMutationTest']>>[number];

/** Of all changes so many per cent have to be noticed. */
const GOAL = 90;

const { values, positionals } = parseArgs({
  options: {
    /** Only what this pattern matches. */
    files: { type: 'string' },
    concurrency: { type: 'string' },
    /** Again what an earlier run has decided, too. */
    force: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});

/** The rest stands in stryker.config.json; no `tsconfigFile` there, since Stryker would read it by an API that TypeScript 7 has no more. */
function mutate(name: string, area: Area): Promise<Mutant[]> {
  // Read by vitest.mutation.config.ts, in the processes that Stryker starts.
  process.env.MUTATED_AREA = name;
  const stryker = new Stryker({
    mutate: values.files === undefined ? [...area.mutate] : [values.files],
    incrementalFile: `reports/mutation/${name}.json`,
    htmlReporter: { fileName: `reports/mutation/${name}.html` },
    force: values.force,
    concurrency: Number(values.concurrency ?? Math.min(2, availableParallelism())),
  });
  return stryker.runMutationTest();
}

const isNoticed = ({ status }: Mutant): boolean => status === 'Killed' || status === 'Timeout';
const counts = ({ status }: Mutant): boolean => !['Ignored', 'CompileError', 'RuntimeError'].includes(status);
const shown = ({ fileName, location, mutatorName, replacement, status }: Mutant): string =>
  `${fileName}:${location.start.line}:${location.start.column} ${status}, ${mutatorName}: ${replacement.slice(0, 120)}`;

const table: Record<string, object> = {};
function count(name: string, mutants: readonly Mutant[]): number {
  const counted = mutants.filter(counts);
  const noticed = counted.filter(isNoticed);
  const score = (100 * noticed.length) / Math.max(1, counted.length);
  table[name] = {
    changes: counted.length,
    noticed: noticed.length,
    'of these by time': noticed.filter(({ status }) => status === 'Timeout').length,
    survived: counted.length - noticed.length,
    'score %': Number(score.toFixed(1)),
  };
  return score;
}

const all: Mutant[] = [];
for (const name of positionals.length > 0 ? positionals : Object.keys(AREAS)) {
  const area = AREAS[name];
  if (area === undefined) throw new Error(`there is no area "${name}", only ${Object.keys(AREAS).join(', ')}`);
  const mutants = await mutate(name, area);
  for (const mutant of mutants) if (counts(mutant) && !isNoticed(mutant)) console.log(shown(mutant));
  count(name, mutants);
  all.push(...mutants);
}
const score = count('all', all);
console.table(table);
if (score < GOAL) {
  console.error(`${score.toFixed(1)} % of the changes were noticed; it has to be ${GOAL} %`);
  process.exitCode = 1;
}
