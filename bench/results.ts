import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../shared/project-root.ts';
import type { Measurement } from './measure.ts';

export interface Figures extends Measurement {
  /** Processor time for each. */
  readonly cpuMs: number;
}
export interface Pair {
  readonly inFlight: number;
  readonly minimum: Figures;
  readonly ponte: Figures;
}

interface Spread {
  readonly least: number;
  readonly median: number;
  readonly most: number;
}

function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((left, right) => left - right);
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  return { least: at(0), median: at(Math.floor((sorted.length - 1) / 2)), most: at(sorted.length - 1) };
}

const shown = ({ least, median, most }: Spread, digits: number): string =>
  `${least.toFixed(digits)} / **${median.toFixed(digits)}** / ${most.toFixed(digits)}`;

/** Writes the table and the picture to bench/results; resolves with the table. */
export async function writeResults(pairs: readonly Pair[], { count, runs }: { count: number; runs: number }): Promise<string> {
  const groups = [...new Set(pairs.map(({ inFlight }) => inFlight))].map(
    (inFlight) => [inFlight, pairs.filter((pair) => pair.inFlight === inFlight)] as const,
  );
  const machine = `${cpus()[0]?.model.trim() ?? 'unknown processor'} × ${cpus().length}, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.version}, load ${loadavg()[0]?.toFixed(0)} at the end`;
  const of = (group: readonly Pair[], figure: (pair: Pair) => number) => spread(group.map(figure));
  const rows = groups.map(([inFlight, group]) =>
    [
      inFlight,
      shown(
        of(group, ({ minimum }) => minimum.perSecond),
        0,
      ),
      shown(
        of(group, ({ ponte }) => ponte.perSecond),
        0,
      ),
      shown(
        of(group, ({ minimum, ponte }) => ponte.perSecond / minimum.perSecond),
        2,
      ),
      shown(
        of(group, ({ minimum, ponte }) => ponte.p50Ms / minimum.p50Ms),
        1,
      ),
      shown(
        of(group, ({ minimum, ponte }) => ponte.cpuMs / minimum.cpuMs),
        1,
      ),
    ].join(' | '),
  );
  const table = `# Activations: Ponte against the useful minimum

${machine}; ${runs} runs, in turn, ${count} activations each; least / **median** / most. Built JavaScript; one api and one worker each, the same PostgreSQL (analysed after a warm-up, as autovacuum does), the same Redis, the same bridge that answers at once.
The *useful minimum* does what cannot be left out: whose the token is, the body, the encrypted secret, a row, a job, a claim, the call, and one statement that stores what came of it. Rates belong to the machine; the ratios are what counts.

| in flight | minimum /s | Ponte /s | Ponte ÷ minimum, /s | Ponte ÷ minimum, p50 | Ponte ÷ minimum, CPU of api, worker and PostgreSQL |
| --- | --- | --- | --- | --- | --- |
${rows.map((row) => `| ${row} |`).join('\n')}
`;
  const folder = join(projectRoot, 'bench', 'results');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'activations.md'), table);
  await writeFile(join(folder, 'activations.svg'), picture(groups));
  return table;
}

const WIDTH = 640;
const HEIGHT = 300;
const FLOOR = 250;
const TALLEST = 190;

/** Rates: a bar for each median, and a line from the least to the most. */
function picture(groups: readonly (readonly [number, readonly Pair[]])[]): string {
  const bars = groups.flatMap(([inFlight, group], place) =>
    (['minimum', 'ponte'] as const).map((what, index) => ({
      what,
      inFlight,
      left: 70 + place * 190 + index * 62,
      rate: spread(group.map((pair) => pair[what].perSecond)),
    })),
  );
  const most = Math.max(...bars.map(({ rate }) => rate.most));
  const y = (rate: number): string => (FLOOR - (rate / most) * TALLEST).toFixed(1);
  const drawn = bars.map(({ what, left, rate }) => {
    const color = what === 'ponte' ? '#1f6feb' : '#9aa4af';
    const middle = left + 26;
    return `<rect x="${left}" y="${y(rate.median)}" width="52" height="${(FLOOR - Number(y(rate.median))).toFixed(1)}" fill="${color}"/>
<line x1="${middle}" x2="${middle}" y1="${y(rate.least)}" y2="${y(rate.most)}" stroke="#333" stroke-width="2"/>
<text x="${middle}" y="${Number(y(rate.most)) - 6}" text-anchor="middle">${rate.median.toFixed(0)}</text>`;
  });
  const labels = groups.map(
    ([inFlight], place) => `<text x="${127 + place * 190}" y="${FLOOR + 20}" text-anchor="middle">${inFlight} in flight</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="13">
<title>Activations a second of Ponte and of the useful minimum</title>
<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>
<text x="16" y="24" font-size="15">Activations a second: median, least and most</text>
<rect x="400" y="13" width="12" height="12" fill="#9aa4af"/><text x="418" y="24">useful minimum</text>
<rect x="530" y="13" width="12" height="12" fill="#1f6feb"/><text x="548" y="24">Ponte</text>
${drawn.join('\n')}
<line x1="40" x2="${WIDTH - 20}" y1="${FLOOR}" y2="${FLOOR}" stroke="#333"/>
${labels.join('\n')}
</svg>
`;
}
