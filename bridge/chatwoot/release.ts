import { OLDEST_RELEASE } from '../../shared/contracts/releases.ts';
import { BRIDGE_LIMITS } from '../timeouts.ts';
import type { ChatwootClient } from './client.ts';

const numbersOf = (version: string): number[] => version.split('.').map((part) => Number.parseInt(part, 10) || 0);

/** Whether a release came before the oldest one that Ponte is held by; what is no version did not. */
export function isOlderThanHeld(version: string): boolean {
  if (!/^\d+\.\d+/.test(version)) return false;
  const have = numbersOf(version);
  for (const [index, want] of numbersOf(OLDEST_RELEASE).entries()) {
    const difference = (have[index] ?? 0) - want;
    if (difference !== 0) return difference < 0;
  }
  return false;
}

/** The version of a Chatwoot that is older than that; null for all others, and where it does not say. */
export async function oldReleaseOf(client: Pick<ChatwootClient, 'getVersion'>): Promise<string | null> {
  const version = await client.getVersion(BRIDGE_LIMITS.versionMs);
  return version.ok && isOlderThanHeld(version.value) ? version.value : null;
}
