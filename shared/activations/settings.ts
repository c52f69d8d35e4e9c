import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { BridgeActivateRequest } from '../contracts/bridge.ts';
import type { ChatwootIntegration } from '../database/generated/client.ts';
import { type Flags, flagsToWire, storedFlags } from './flags.ts';
import { languageSchema } from './language.ts';

/** What an activation asks for, as the api stores it and the worker reads it: everything but the Chatwoot token. */
export const activationSettingsSchema = z.object({
  chatwootBaseUrl: z.string(),
  chatwootAccountId: z.number().int(),
  inboxName: z.string(),
  ...storedFlags,
  /** In which language Ponte writes to agents; left out where the Chatwoot account's locale decides. */
  language: languageSchema.optional(),
  /** For this request alone: where it moves the integration, the old inbox is deleted with its conversations. */
  deleteOldInbox: z.boolean().default(false),
  /** So many days of history are brought into Chatwoot once; left out where none are. */
  importHistoryDays: z.number().int().positive().optional(),
  /** The inbox to take over instead of making one: what an integration has taken over, the bridge knows. */
  chatwootInboxId: z.number().int().positive().optional(),
});
export type ActivationSettings = z.infer<typeof activationSettingsSchema>;

/** The settings of the first version, which its hash knows by their position. This list is closed: see `hashOf`. */
const HASHED_BY_POSITION: readonly (keyof ActivationSettings)[] = [
  'chatwootBaseUrl',
  'chatwootAccountId',
  'inboxName',
  'signMessages',
  'ignoreGroups',
  'startAsPending',
  'reopenResolved',
];

/**
 * Tells whether two requests ask for the same activation: SHA-256 over the instance, the Chatwoot token and every entry of the settings.
 *
 * A setting that came after the first version counts by its name, and only where it is not off: so a request that does not use it has the
 * hash that the version before gave it, and a client that repeats it during an upgrade is not told that its key belongs to another one.
 */
export function hashOf(
  settings: ActivationSettings,
  { instanceId, chatwootToken }: { instanceId: string; chatwootToken: string },
): string {
  const positions: ReadonlySet<string> = new Set(HASHED_BY_POSITION);
  const later = Object.entries(settings)
    .filter(([name, value]) => !positions.has(name) && value !== undefined && value !== false)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const parts = [instanceId, chatwootToken, ...HASHED_BY_POSITION.map((name) => settings[name]), ...later];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/** The call by which the bridge activates, or checks, these settings. `remainingMs` is in how long it has to have answered. */
export function toBridgeRequest(
  {
    chatwootBaseUrl,
    chatwootAccountId,
    inboxName,
    language,
    deleteOldInbox,
    chatwootInboxId,
    // It is the worker that asks engines.
    importHistoryDays: _,
    ...flags
  }: ActivationSettings,
  call: {
    readonly instance: { readonly id: string; readonly name: string };
    readonly chatwootToken: string;
    /** Where the bridge reaches the api. */
    readonly ryzeapiUrl: string;
    readonly remainingMs: number;
    /** The same as a time of day. */
    readonly endsAt: Date;
  },
): BridgeActivateRequest {
  return {
    instance_id: call.instance.id,
    instance: call.instance.name,
    ryzeapi_url: call.ryzeapiUrl,
    chatwoot_base_url: chatwootBaseUrl,
    chatwoot_account_id: chatwootAccountId,
    chatwoot_api_token: call.chatwootToken,
    inbox_name: inboxName,
    ...flagsToWire(onlyFlags(flags)),
    ...(language === undefined ? {} : { language }),
    delete_old_inbox: deleteOldInbox,
    adopt_inbox_id: chatwootInboxId,
    remaining_ms: Math.max(0, Math.round(call.remainingMs)),
    deadline_at: call.endsAt.toISOString(),
  };
}

/** A setting that is no flag and that nobody mapped by hand has no place here: it does not compile. */
const onlyFlags = <Rest extends Flags>(rest: Exclude<keyof Rest, keyof Flags> extends never ? Rest : never): Flags => rest;

/** Every setting has a column of its own name, but for the inbox's name, and for what belongs to one request. */
type SettingColumns = Pick<
  ChatwootIntegration,
  Exclude<keyof ActivationSettings, 'inboxName' | 'deleteOldInbox' | 'chatwootInboxId'> | 'chatwootInboxName'
>;

/** The columns of `chatwoot_integrations` that the settings fill. */
export const integrationColumns = ({
  inboxName,
  language,
  importHistoryDays,
  deleteOldInbox: _,
  chatwootInboxId: __,
  ...settings
}: ActivationSettings): SettingColumns => ({
  ...settings,
  language: language ?? null,
  importHistoryDays: importHistoryDays ?? 0,
  chatwootInboxName: inboxName,
});
