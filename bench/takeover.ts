// npm run bench:takeover [-- --times 30]: how long it takes until another bridge goes on where one was killed in the middle of its work, again
// and again. It stops by itself, and ends with 1 if anything was lost, doubled or out of order.
import { loadavg } from 'node:os';
import { Command } from 'commander';
import { numberBetween } from './number-between.ts';
import { percentile } from './relay/percentile.ts';
import { onStage } from './relay/stage.ts';
import { killUnderLoad, shownTakeover, type Takeover } from './relay/takeover.ts';

const { times, integrations, perSecond } = new Command()
  .name('npm run bench:takeover --')
  .description('Takeover after kill -9 of a bridge: median and worst')
  .option('--times <number>', 'how many bridges are killed, at most 100', numberBetween(1, 100), 30)
  .option('--integrations <number>', 'at most 500', numberBetween(2, 500), 40)
  .option('--per-second <number>', 'messages in all, at most 200', numberBetween(1, 200), 10)
  .parse()
  .opts<{ times: number; integrations: number; perSecond: number }>();

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
const medianAndWorst = (values: readonly number[]): string =>
  `${seconds(percentile(values, 0.5))} (median), ${seconds(percentile(values, 1))} (worst)`;

await onStage({ integrations, perSecond }, async ({ stack, traffic, scene, useBridges }) => {
  const takeovers: Takeover[] = [];
  const loads: number[] = [];
  for (let time = 1; time <= times; time++) {
    const killed = await scene();
    const takeover = await killUnderLoad(killed);
    takeovers.push(takeover);
    loads.push(loadavg()[0] ?? 0);
    console.log(shownTakeover(`${time} of ${times}`, takeover));
    useBridges([...killed.survivors, await stack.startBridge()]);
  }
  console.log(`\nTakeover after kill -9, ${times} times: ${medianAndWorst(takeovers.map(({ leasesMs }) => leasesMs))}`);
  console.log(
    `The longest a message written at that moment took: ${medianAndWorst(takeovers.map(({ firstMessageMaxMs }) => firstMessageMaxMs))}`,
  );
  console.log(
    `Load of the machine meanwhile: ${percentile(loads, 0.5).toFixed(1)} (median), ${percentile(loads, 1).toFixed(1)} (highest)`,
  );
  return traffic.faults();
});
