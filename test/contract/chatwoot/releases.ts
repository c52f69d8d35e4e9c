import { type ChatwootSimulator, createChatwootSimulator } from '../../../simulators/chatwoot/index.ts';
import type { Target } from './target.ts';

/** The releases whose behaviour the simulator is held to; most of them were run and measured. */
export const releases = ['3.13.0', '4.2.0', '4.8.0', '4.13.0', '4.14.2', '4.16.2'] as const;

/** The oldest and the newest; what changed between them, release by release, is held by `npm run test:long`. */
export const quickReleases = ['3.13.0', '4.16.2'] as const satisfies readonly (typeof releases)[number][];

const ACCOUNT = 5;
const PATIENCE_MS = 5_000;
/** Long enough to be seen, and too short to be waited for. */
const DELETION_DELAY_MS = 30;

/** A simulated Chatwoot of this release that listens, as a target. */
export async function startSimulated(version: string): Promise<{ simulator: ChatwootSimulator; target: Target }> {
  const simulator = createChatwootSimulator({ version, deletionDelayMs: DELETION_DELAY_MS });
  const token = simulator.state.addUser({ name: 'Ana', accounts: [{ id: ACCOUNT, name: 'Acme', role: 'administrator' }] });
  const agentToken = simulator.state.addUser({ name: 'Bia', accounts: [{ id: ACCOUNT, role: 'agent' }] });
  const { url } = await simulator.start();
  return { simulator, target: { url, accountId: ACCOUNT, token, agentToken, version, patienceMs: PATIENCE_MS } };
}
