import { Command } from 'commander';
import { compareWithSimulator } from './compare.ts';
import { releases, startSimulated } from './releases.ts';
import { linesOf, summaryOf } from './report.ts';
import { simulatedCases } from './simulated.ts';
import { runSuite } from './suite.ts';
import { versionOf } from './target.ts';

/** Holds Chatwoot to what Ponte relies on: a running one where its address is given, else the simulator of every release. */
const options = new Command()
  .name('npm run test:contract --')
  .option('--chatwoot <url>', 'address of a running Chatwoot')
  .option('--account <id>', 'the account to work in')
  .option('--token <token>', "an administrator's access token")
  .option('--agent-token <token>', 'access token of somebody who is only an agent in the account, and in no inbox')
  .option('--webhook-url <url>', 'address under which that Chatwoot reaches this machine; its port is listened on')
  .parse()
  .opts<{ chatwoot?: string; account?: string; token?: string; agentToken?: string; webhookUrl?: string }>();

/** Webhooks of a busy Chatwoot, and deletions, take as long as its job queue is. */
const PATIENCE_MS = 60_000;

async function checkRunning(chatwoot: string): Promise<boolean> {
  const { account, token } = options;
  if (account === undefined || token === undefined) throw new Error('--chatwoot needs --account and --token as well');
  const url = chatwoot.replace(/\/+$/, '');
  const version = await versionOf(url);
  console.log(`${url} is Chatwoot ${version}; compared with the simulator of that release`);
  const target = {
    url,
    accountId: Number(account),
    token,
    agentToken: options.agentToken ?? null,
    version,
    patienceMs: PATIENCE_MS,
  };
  const { verdicts, left } = await compareWithSimulator(target, {
    webhookUrl: options.webhookUrl,
    told: (verdict) => console.log(linesOf(verdict).join('\n')),
  });
  for (const { name } of simulatedCases)
    console.log(`– trouble: ${name}\n    not checked: cannot be caused from outside; held by the simulator only`);
  if (left.length > 0) console.log(`left behind, please delete: ${left.join(', ')}`);
  const { text, isSuccess } = summaryOf(verdicts);
  console.log(`${text}; ${simulatedCases.length} about trouble are held by the simulator only`);
  return isSuccess && left.length === 0;
}

async function checkSimulated(version: string): Promise<boolean> {
  const { simulator, target } = await startSimulated(version);
  try {
    const { results } = await runSuite(target);
    const verdicts = results.map((result) => ({ ...result, differences: [] }));
    for (const verdict of verdicts) if (verdict.outcome.kind !== 'holds') console.log(linesOf(verdict).join('\n'));
    const { text, isSuccess } = summaryOf(verdicts);
    console.log(`simulated ${version}: ${text}`);
    return isSuccess;
  } finally {
    await simulator.stop();
  }
}

let isSuccess = true;
if (options.chatwoot !== undefined) isSuccess = await checkRunning(options.chatwoot);
else for (const version of releases) isSuccess = (await checkSimulated(version)) && isSuccess;
process.exitCode = isSuccess ? 0 : 1;
