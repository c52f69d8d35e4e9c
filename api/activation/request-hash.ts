import { createHash } from 'node:crypto';
import type { ActivationSettings } from '../../shared/contracts/activation.ts';

/** Tells whether two requests ask for the same activation: SHA-256 over the instance, the settings and the Chatwoot token. */
export function requestHash(instanceId: string, settings: ActivationSettings, chatwootToken: string): string {
  const { chatwootBaseUrl, chatwootAccountId, inboxName, signMessages, ignoreGroups, startAsPending, reopenResolved } = settings;
  const parts = [
    instanceId,
    chatwootToken,
    chatwootBaseUrl,
    chatwootAccountId,
    inboxName,
    signMessages,
    ignoreGroups,
    startAsPending,
    reopenResolved,
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
