// npm run bench:relay [-- --integrations 200]: what becomes of many integrations when a bridge is killed or frozen in the middle of its work,
// and what one silent Chatwoot does to the others. It stops by itself, and ends with 1 if anything was lost, doubled or out of order.
import { Command } from 'commander';
import { numberBetween } from './number-between.ts';
import { shownIsolation, silenceOne } from './relay/isolation.ts';
import { onStage } from './relay/stage.ts';
import { freezeUnderLoad, killUnderLoad, shownTakeover } from './relay/takeover.ts';

const { integrations, perSecond } = new Command()
  .name('npm run bench:relay --')
  .description('Takeover between bridges, and isolation of a silent Chatwoot')
  .option('--integrations <number>', 'at most 500', numberBetween(2, 500), 200)
  .option('--per-second <number>', 'messages in all, at most 200', numberBetween(1, 200), 20)
  .parse()
  .opts<{ integrations: number; perSecond: number }>();

await onStage({ integrations, perSecond }, async ({ stack, fleet, traffic, scene, useBridges }) => {
  const killed = await scene();
  console.log(shownTakeover('kill -9 of a bridge', await killUnderLoad(killed)));
  const bridges = [...killed.survivors, await stack.startBridge()];
  useBridges(bridges);

  console.log(shownTakeover('SIGSTOP of a bridge, SIGCONT afterwards', await freezeUnderLoad(await scene())));
  useBridges(bridges);

  const [silent] = fleet.members;
  if (silent === undefined) throw new Error('there is nobody');
  console.log(shownIsolation(await silenceOne({ stack, fleet, traffic, silent, perSecond, seconds: 15 })));
  return traffic.faults();
});
