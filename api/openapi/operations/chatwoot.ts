import { z } from 'zod';
import { previousInboxSchema } from '../../../shared/activations/previous-inbox.ts';
import { ACTIVATION_TIMEOUT_MS } from '../../../shared/config/variables.ts';
import { activationEffectSchema } from '../../../shared/contracts/bridge.ts';
import { errorCodes } from '../../../shared/errors/catalogue.ts';
import { historyStateSchema } from '../../../shared/histories/view.ts';
import { setBodySchema } from '../../chatwoot/set-body.ts';
import { ACTIVATION_ERRORS, BRIDGE_ERRORS } from '../errors.ts';
import type { Operation } from '../operation.ts';
import { connectionSchema, engineSchema } from './engines.ts';

const status = z.enum(['active', 'paused', 'error']);
const time = z.iso.datetime();
const live = z
  .union([
    z.object({ available: z.literal(false) }),
    z.object({
      available: z.literal(true),
      token_valid: z.boolean().nullable(),
      inbox_exists: z.boolean().nullable(),
      webhook_url_is_ours: z.boolean().nullable(),
      repaired: z.string().nullable().meta({
        description:
          'When and what of the inbox Ponte put right last, after somebody had changed it in Chatwoot: its webhook address, or the lock to a single conversation.',
      }),
      stream_connected: z.boolean().nullable(),
      last_to_chatwoot_at: time.nullable(),
      last_to_whatsapp_at: time.nullable(),
      waiting_to_chatwoot: z.number().meta({ description: 'Events that Chatwoot does not have yet, counted up to 1000.' }),
      waiting_to_chatwoot_seconds: z.number().meta({ description: 'Age of the oldest of them; 0 where there is none.' }),
      waiting_to_whatsapp: z
        .number()
        .nullable()
        .meta({ description: 'Agents’ messages that have not left yet, counted up to 1000.' }),
      proven_at: time
        .nullable()
        .meta({ description: 'When a webhook of Chatwoot last arrived that was waited for: see verify.' }),
    }),
  ])
  .meta({ description: 'What the bridge knows now; null where it does not. Not part of RyzeAPI.' });

const previousInbox = previousInboxSchema.optional().meta({
  description:
    'The inbox that a move to another account or another Chatwoot has left behind, with its conversations; replies written there are refused, and so shown as failed. Absent where nothing was left. Not part of RyzeAPI.',
});

export const history = z
  .object({
    days: z.number().int(),
    state: historyStateSchema.meta({
      description:
        '`reading` and `handing_over` while it goes on, then `done`. `unsupported`: the engine cannot tell what was written before; `unable`: it is not set up to; `failed`: it could not be read to its end; `stopping`, `stopped`: a later activation asked for none.',
    }),
    found: z.number().int().meta({ description: 'Messages that the engine has told so far.' }),
    handed_over: z.number().int().meta({ description: 'Of those the ones that are in Chatwoot or on their way there.' }),
    finished_at: time.nullable(),
    warnings: z.array(z.string()),
  })
  .optional()
  .meta({ description: 'The import that `importHistoryDays` asked for; absent where none was. Not part of RyzeAPI.' });

const activation = z.object({
  id: z.string(),
  state: z.enum(['pending', 'running', 'succeeded', 'failed']),
  attempt: z.number().int(),
  bridge_integration_id: z.string().nullable(),
  error: z.object({ code: z.enum(errorCodes), message: z.string() }).nullable(),
  created_at: time,
  started_at: time.nullable(),
  finished_at: time.nullable(),
  deadline_at: time,
  trace: z.array(
    z.object({
      attempt: z.number().int(),
      started_at: time,
      queue_wait_ms: z.number(),
      bridge_ms: z.number().nullable(),
      chatwoot_ms: z.number().nullable(),
      store_ms: z.number().nullable(),
      outcome: z.string(),
    }),
  ),
});

export const chatwootOperations: readonly Operation[] = [
  {
    method: 'post',
    path: '/api/chatwoot/set/{instance}',
    id: 'activateChatwoot',
    tag: 'Chatwoot',
    summary: 'Activate Chatwoot for an instance',
    description:
      `Makes an inbox in Chatwoot and connects it with the instance; answers when that is done, within ${ACTIVATION_TIMEOUT_MS / 1_000} s, or says what to change. ` +
      'A failed activation leaves nothing behind. The same request while one is running joins it; another one is refused (409). ' +
      'On an active instance it changes the integration in place, inbox and conversations included, whichever address the same Chatwoot is given by. ' +
      'Where it moves to another account or another Chatwoot, a new inbox is made there and **the old one stays with its history**, see `previous_inbox` and `deleteOldInbox`.',
    caller: 'customer',
    parameters: [
      {
        in: 'header',
        name: 'Idempotency-Key',
        description:
          'Names this request: sent again with the same key and body it has the same activation and answer. After a failure that another try can mend, the key is free again.',
        schema: { type: 'string', pattern: '^[\\x21-\\x7e]{1,255}$' },
      },
      {
        in: 'header',
        name: 'Prefer',
        description: '`respond-async`: answer 202 at once instead of waiting.',
        schema: { type: 'string', examples: ['respond-async'] },
      },
    ],
    body: setBodySchema,
    example: {
      chatwootBaseUrl: 'https://chatwoot.example.com',
      chatwootAccountId: 5,
      chatwootApiToken: 'an-access-token',
      inboxName: 'WhatsApp - Orion',
    },
    answers: [
      {
        status: 201,
        description: 'Active.',
        headers: { 'X-Activation-Id': 'Id of the activation.' },
        schema: z.object({
          instance: z.string(),
          status: z.literal('active'),
          bridge_integration_id: z.string(),
          message: z.literal('chatwoot integration activated'),
          previous_inbox: previousInbox,
          history,
          warnings: z.array(z.string()).optional().meta({
            description:
              'What to know of the WhatsApp engine, of a Chatwoot of an old release and of the import of history; absent where there is nothing. Not part of RyzeAPI.',
          }),
        }),
      },
      {
        status: 202,
        description: 'Under way: only with `Prefer: respond-async`.',
        headers: {
          'X-Activation-Id': 'Id of the activation.',
          Location: 'Where its outcome will be.',
          'Preference-Applied': '`respond-async`',
        },
        schema: z.object({
          instance: z.string(),
          status: z.literal('pending'),
          activation_id: z.string(),
          message: z.string(),
        }),
      },
    ],
    errors: [...ACTIVATION_ERRORS, 'idempotency_key_reused'],
  },
  {
    method: 'post',
    path: '/api/chatwoot/check/{instance}',
    id: 'checkChatwoot',
    tag: 'Chatwoot',
    summary: 'Tell whether settings would activate',
    description:
      'Takes the body of the activation and answers the error it would give. Nothing is created or changed. Not part of RyzeAPI.',
    caller: 'customer',
    body: setBodySchema,
    example: {
      chatwootBaseUrl: 'https://chatwoot.example.com',
      chatwootAccountId: 5,
      chatwootApiToken: 'an-access-token',
      inboxName: 'WhatsApp - Orion',
    },
    answers: [
      {
        status: 200,
        description: 'They would.',
        schema: z.object({
          instance: z.string(),
          ok: z.literal(true),
          chatwoot_base_url: z.string(),
          chatwoot_account_id: z.number().int(),
          chatwoot_inbox_name: z.string(),
          effect: activationEffectSchema.optional().meta({
            description:
              '`create`: a new inbox. `change`: the integration and its inbox are changed in place. `move`: a new inbox elsewhere; `previous_inbox` says what becomes of the old one.',
          }),
          previous_inbox: previousInbox,
          warnings: z.array(z.string()).optional().meta({
            description:
              'That this Chatwoot is older than those Ponte is tested with, and what of the settings would have no effect; absent where there is nothing.',
          }),
          message: z.string(),
        }),
      },
    ],
    errors: BRIDGE_ERRORS,
  },
  {
    method: 'get',
    path: '/api/chatwoot/list/{instance}',
    id: 'getChatwoot',
    tag: 'Chatwoot',
    summary: 'Show the integration of an instance',
    description:
      'Status and last error as they are now, where the bridge can be asked within 10 s, else as recorded. Never shows the token.',
    caller: 'customer',
    answers: [
      {
        status: 200,
        description: 'The integration.',
        schema: z.object({
          instance_name: z.string(),
          status,
          bridge_integration_id: z.string(),
          chatwoot_base_url: z.string(),
          chatwoot_account_id: z.number().int(),
          chatwoot_inbox_id: z.number().int().meta({ description: '0 while unknown.' }),
          chatwoot_inbox_name: z.string(),
          last_error: z.string().meta({ description: 'Empty when healthy.' }),
          created_at: time,
          previous_inbox: previousInbox,
          history,
          engine: engineSchema,
          connection: connectionSchema.meta({ description: 'Not part of RyzeAPI.' }),
          live,
        }),
      },
    ],
    errors: ['integration_not_found'],
  },
  {
    method: 'post',
    path: '/api/chatwoot/verify/{instance}',
    id: 'verifyChatwoot',
    tag: 'Chatwoot',
    summary: 'Prove that messages can go both ways',
    description:
      'Has something happen in the inbox that no customer sees, waits for its webhook, and asks the WhatsApp engine where it delivers. Takes up to half a minute. What was made for it is deleted again. Not part of RyzeAPI.',
    caller: 'customer',
    answers: [
      {
        status: 200,
        description: 'What holds, and what to change where it does not.',
        schema: z.object({
          instance: z.string(),
          ok: z.boolean().meta({ description: 'False where one of the ways is known not to hold.' }),
          chatwoot_to_ponte: z.object({
            ok: z.boolean(),
            message: z.string(),
            took_ms: z.number().nullable(),
            proven_at: time.nullable(),
          }),
          engine_to_ponte: z.object({
            ok: z.boolean().nullable().meta({ description: 'Null where the engine cannot be asked.' }),
            message: z.string(),
            warnings: z.array(z.string()),
          }),
        }),
      },
    ],
    errors: ['integration_not_found', ...BRIDGE_ERRORS],
  },
  {
    method: 'delete',
    path: '/api/chatwoot/delete/{instance}',
    id: 'deactivateChatwoot',
    tag: 'Chatwoot',
    summary: 'Deactivate Chatwoot for an instance',
    description:
      'Removes the integration and **deletes its inbox in Chatwoot, with the conversations in it**. Has succeeded once the integration is gone here; what the bridge or Chatwoot cannot do now is done later.',
    caller: 'customer',
    answers: [
      {
        status: 200,
        description: 'Deactivated.',
        schema: z.object({ message: z.literal('chatwoot integration deactivated') }),
      },
    ],
    errors: ['integration_to_delete_not_found', 'activation_running'],
  },
  {
    method: 'get',
    path: '/api/chatwoot/activations/{instance}',
    id: 'listActivations',
    tag: 'Chatwoot',
    summary: 'Show the last activations of an instance',
    description: 'The last 20, the newest first: for a client that got no answer, or a 504. Not part of RyzeAPI.',
    caller: 'customer',
    answers: [
      {
        status: 200,
        description: 'The activations.',
        schema: z.object({ instance: z.string(), activations: z.array(activation) }),
      },
    ],
    errors: [],
  },
];
