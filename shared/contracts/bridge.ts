import { z } from 'zod';
import { wireFlags } from '../activations/flags.ts';
import { languageSchema } from '../activations/language.ts';
import { previousInboxSchema } from '../activations/previous-inbox.ts';

/**
 * The HTTP API between worker (or api) and bridge. RyzeAPI documents its paths and its token, not its bodies; these are ours,
 * in the manner of its other ones. Everything is read leniently, because another bridge may stand behind BRIDGE_URL.
 */
export const bridgeActivateRequestSchema = z.object({
  /** Id of the instance: names the stream /ws/chatwoot/:instance and the message endpoints for the bridge. */
  instance_id: z.string().min(1),
  /** Name of the instance, for people. */
  instance: z.string().min(1),
  /** Where the bridge reaches the api. */
  ryzeapi_url: z.url(),
  chatwoot_base_url: z.url(),
  chatwoot_account_id: z.number().int().positive(),
  chatwoot_api_token: z.string().min(1),
  inbox_name: z.string().min(1),
  ...wireFlags,
  /** In which language agents are written to; left out where the Chatwoot account decides. */
  language: languageSchema.optional(),
  /** What to do with the old inbox where this moves the integration: delete it, or leave it with its history. */
  delete_old_inbox: z.boolean().default(false),
  /** An API inbox of that account, to be taken over instead of making one; it is given back at the end, and never deleted. */
  adopt_inbox_id: z.number().int().positive().nullish(),
  /**
   * In how many milliseconds from now this call has to be answered: the bridge starts nothing after it and undoes what it cannot finish.
   * Absent from workers and apis of the versions before it.
   */
  remaining_ms: z.number().nonnegative().optional(),
  /** The same as a time of day, for bridges of the versions before `remaining_ms`: the clocks of two machines may be apart. */
  deadline_at: z.iso.datetime(),
});
export type BridgeActivateRequest = z.infer<typeof bridgeActivateRequestSchema>;

export const bridgeActivateResponseSchema = z.looseObject({
  id: z.string().min(1),
  status: z.enum(['active', 'paused', 'error']).default('active'),
  inbox_id: z.number().int().nonnegative().nullish(),
  inbox_name: z.string().nullish(),
  /** Id of the integration this one takes the place of; it is to be removed once this one is recorded. */
  replaces: z.string().nullish(),
  /** What this activation has moved away from and left in Chatwoot. */
  previous_inbox: previousInboxSchema.nullish().catch(null),
  /** Of a Chatwoot that is older than those Ponte is held by, its version. */
  old_release: z.string().max(50).nullish().catch(null),
  /** Time spent in Chatwoot, for the trace. */
  chatwoot_ms: z.number().nullish(),
});
export type BridgeActivateResponse = z.input<typeof bridgeActivateResponseSchema>;

/** What an activation would do: make the instance's first inbox, take over one that is there, change its integration in place, or give it an inbox elsewhere. */
export const activationEffectSchema = z.enum(['create', 'adopt', 'change', 'move']);

/** Whose the Chatwoot token is, as Chatwoot's profile says: for people who look for the right account. */
export const tokenOwnerSchema = z.object({
  name: z.string(),
  accounts: z.array(z.object({ id: z.number(), name: z.string(), role: z.string() })),
});
export type TokenOwner = z.output<typeof tokenOwnerSchema>;

export const bridgeCheckResponseSchema = z.object({
  effect: activationEffectSchema.nullish().catch(null),
  /** What would be left, or deleted, elsewhere. */
  previous_inbox: previousInboxSchema.nullish().catch(null),
  token_owner: tokenOwnerSchema.nullish().catch(null),
  /** As of an activation. */
  old_release: z.string().max(50).nullish().catch(null),
});
export type BridgeCheckResponse = z.output<typeof bridgeCheckResponseSchema>;

/** What the bridge knows live: `list` shows it, best effort. */
export const bridgeIntegrationSchema = z.looseObject({
  id: z.string(),
  status: z.enum(['active', 'paused', 'error']),
  last_error: z.string().default(''),
  inbox_id: z.number().int().nonnegative().nullish(),
  inbox_name: z.string().nullish(),
  token_valid: z.boolean().nullish(),
  inbox_exists: z.boolean().nullish(),
  webhook_url_is_ours: z.boolean().nullish(),
  /** When and what of the inbox was put right last, after somebody had changed it in Chatwoot. */
  repaired: z.string().nullish(),
  stream_connected: z.boolean().nullish(),
  last_to_chatwoot_at: z.iso.datetime().nullish(),
  last_to_whatsapp_at: z.iso.datetime().nullish(),
  /** Agents' messages that have not left yet, counted up to a thousand. */
  waiting_to_whatsapp: z.number().nullish(),
  /** When a webhook of Chatwoot last arrived that was waited for. */
  proven_at: z.iso.datetime().nullish(),
});
export type BridgeIntegration = z.input<typeof bridgeIntegrationSchema>;

/** Whether a webhook of Chatwoot arrives here; `reason` says why not, and what to do. */
export const bridgeVerificationSchema = z.looseObject({
  proven: z.boolean(),
  reason: z.string(),
  took_ms: z.number().nullish(),
  proven_at: z.iso.datetime().nullish(),
});
export type BridgeVerification = z.input<typeof bridgeVerificationSchema>;

/**
 * What Chatwoot meant, found out by asking `GET /api/v1/profile` after a refusal that can mean several things: free of
 * any language, where the text of the refusal is not.
 */
export const diagnosisSchema = z.enum([
  'token_invalid',
  'token_dropped',
  'bot_token',
  'not_member',
  'account_suspended',
  'not_admin',
  'api_disabled',
  'ok',
]);
export type Diagnosis = z.infer<typeof diagnosisSchema>;

/** What became of the call to Chatwoot. Never holds a token: bodies of Chatwoot's refusals do not, and they are cut at 1,000 characters. */
export const bridgeUpstreamSchema = z.looseObject({
  method: z.string(),
  url: z.string(),
  /** Absent when there was no answer; `network` says why then. */
  status: z.number().int().nullish(),
  content_type: z.string().nullish(),
  body: z.string().nullish(),
  location: z.string().nullish(),
  retry_after_seconds: z.number().nullish(),
  /**
   * Node's error code (ECONNREFUSED, ENOTFOUND, CERT_HAS_EXPIRED…), CONNECT_TIMEOUT when no connection came about, `timeout` when there was
   * one but no answer, or `address_forbidden` for the SSRF guard.
   */
  network: z.string().nullish(),
  diagnosis: diagnosisSchema.nullish(),
  token_owner: tokenOwnerSchema.nullish().catch(null),
});
export type BridgeUpstream = z.infer<typeof bridgeUpstreamSchema>;

/**
 * Every error of the bridge. A failure of Chatwoot is always HTTP 502 with `upstream`; `message` then is the raw text
 * `<url> HTTP <status>: <body>`, or `<Method> "<url>": <network error>`. 401 means BRIDGE_TOKEN and nothing else.
 */
export const bridgeErrorSchema = z.looseObject({
  success: z.literal(false).optional(),
  error: z.looseObject({
    message: z.string(),
    /** A code of the error catalogue, where the failure is the bridge's own. */
    code: z.string().optional(),
    upstream: bridgeUpstreamSchema.optional(),
  }),
});
export type BridgeError = z.infer<typeof bridgeErrorSchema>;

/** Header that carries the request id from the api through the job to the bridge. */
export const REQUEST_ID_HEADER = 'x-request-id';
/** Header with the activation's id: repeating a call with the same key has the effect of one. */
export const IDEMPOTENCY_KEY_HEADER = 'idempotency-key';
