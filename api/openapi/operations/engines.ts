import { z } from 'zod';
import { engineKindSchema } from '../../../shared/engines/registry.ts';
import { checkEngineBodySchema } from '../../instances/check.ts';
import { ENGINE_ERRORS } from '../errors.ts';
import type { Operation } from '../operation.ts';

const time = z.iso.datetime();

/** The engine of an instance, as `list` shows it. */
export const engineSchema = z
  .object({
    kind: engineKindSchema,
    url: z.string().nullable().meta({ description: 'Null: the one that the operator has set.' }),
    name: z.string().nullable().meta({ description: 'What the instance is called there; null: by its own name.' }),
    webhook: z.enum(['set', 'pending', 'failing', 'not_set_by_ponte']).meta({
      description:
        'Whether the engine delivers to Ponte by an address that Ponte has set itself. `not_set_by_ponte`: not active, or this kind cannot be told.',
    }),
    warnings: z.array(z.string()),
    unread_events: z.number().int().meta({ description: 'Deliveries that could not be read or did not prove their origin.' }),
    last_unread: z.object({ at: time, reason: z.string() }).nullable(),
    last_event_at: time.nullable(),
  })
  .meta({ description: 'Not part of RyzeAPI.' });

/** How the phone is, as `list` shows it. */
export const connectionSchema = z.object({
  state: z.string().meta({
    description:
      '`connected`, or why it is not: `disconnected` (also while nobody has told: then `told` is empty and `changed_at` null), `logged_out`, `qr_ready` and others.',
  }),
  told: z.string().meta({ description: 'The engine’s own word.' }),
  changed_at: time.nullable(),
});

const found = z.object({
  success: z.literal(true),
  message: z.string(),
  connection: z.object({
    state: z.string().meta({ description: '`unknown` where the engine does not tell.' }),
    told: z.string(),
    number: z.string().nullable(),
  }),
  warnings: z.array(z.string()),
});

export const engineOperations: readonly Operation[] = [
  {
    method: 'post',
    path: '/api/instance/check',
    id: 'checkEngine',
    tag: 'Instances',
    summary: 'Tell whether a WhatsApp engine takes these settings',
    description: 'Whether address and token are right, and how the phone is. Nothing is stored or changed. Not part of RyzeAPI.',
    caller: 'account',
    body: checkEngineBodySchema,
    example: { name: 'suporte', engine: { kind: 'evolution', url: 'https://evolution.example.com', token: 'a-token' } },
    answers: [{ status: 200, description: 'It does.', schema: found }],
    errors: ENGINE_ERRORS,
  },
  {
    method: 'post',
    path: '/api/instance/check/{instance}',
    id: 'checkInstance',
    tag: 'Instances',
    summary: 'Tell whether the WhatsApp engine of an instance takes its settings',
    description: 'As above, for the engine that the instance has. Not part of RyzeAPI.',
    caller: 'customer',
    answers: [{ status: 200, description: 'It does.', schema: found }],
    errors: ENGINE_ERRORS,
  },
  {
    method: 'get',
    path: '/api/instance/qr/{instance}',
    id: 'pairInstance',
    tag: 'Instances',
    summary: 'Show what to scan, or type, to pair the phone',
    description:
      'Handed through from the WhatsApp engine. A code is good for some seconds: ask again until `status` is `connected`. Not part of RyzeAPI.',
    caller: 'customer',
    answers: [
      {
        status: 200,
        description: 'What there is of it; null is what the engine does not have.',
        schema: z.object({
          success: z.literal(true),
          status: z.enum(['waiting', 'connected']),
          qr: z.string().nullable().meta({ description: 'Text to draw as a QR code.' }),
          qr_image_base64: z.string().nullable().meta({ description: 'A PNG.' }),
          code: z.string().nullable().meta({ description: 'To be typed on the phone instead.' }),
        }),
      },
    ],
    errors: ENGINE_ERRORS,
  },
  {
    method: 'post',
    path: '/api/events/engine/{key}',
    id: 'deliverEvents',
    tag: 'Messages',
    summary: 'Deliver events of a WhatsApp engine whose webhook Ponte has set',
    description:
      'In the engine’s own form, as JSON or as a form; the address is secret, and Ponte tells it the engine itself. 503 with `Retry-After` where they are to be delivered again; what cannot be read is taken and counted.',
    caller: 'anybody',
    parameters: [{ in: 'path', name: 'key', description: 'Says whose events they are.', schema: { type: 'string' } }],
    answers: [
      {
        status: 200,
        description: 'Taken in; `unread` when nothing could be made of it.',
        schema: z.object({ success: z.literal(true), status: z.enum(['stored', 'duplicate', 'unwanted', 'unread']) }),
      },
    ],
    errors: [
      'delivery_address_unknown',
      'delivery_not_genuine',
      'delivery_not_stored',
      'invalid_body',
      'body_too_large',
      'too_many_large_requests',
      'unsupported_media_type',
      'rate_limited',
      'shutting_down',
      'database_unavailable',
      'encryption_key_missing',
      'decryption_failed',
      'internal',
    ],
  },
  {
    method: 'get',
    path: '/api/events/engine/{key}',
    id: 'verifyAddress',
    tag: 'Messages',
    summary: 'Answer the WhatsApp engine that verifies the address',
    description: 'The Cloud API asks so before it delivers; the answer is its challenge as plain text.',
    caller: 'anybody',
    parameters: [{ in: 'path', name: 'key', description: 'Says whose address it is.', schema: { type: 'string' } }],
    answers: [{ status: 200, description: 'The challenge.', schema: z.string() }],
    errors: [
      'delivery_address_unknown',
      'delivery_not_genuine',
      'rate_limited',
      'shutting_down',
      'database_unavailable',
      'internal',
    ],
  },
];
