import { z } from 'zod';
import { engineKindSchema } from '../../../shared/engines/registry.ts';
import { errorCodes } from '../../../shared/errors/catalogue.ts';
import { inlineChatwootSchema } from '../../instances/inline-chatwoot.ts';
import { newInstanceBodySchema } from '../../instances/new-body.ts';
import { patchBodySchema } from '../../instances/patch.ts';
import type { Operation } from '../operation.ts';
import { history } from './chatwoot.ts';
import { connectionSchema, engineSchema } from './engines.ts';

const time = z.iso.datetime();

const listed = z.object({
  id: z.string(),
  name: z.string(),
  status: z.enum(['connected', 'disconnected']),
  connection: connectionSchema,
  engine_kind: engineKindSchema,
  engine: engineSchema,
  chatwoot: z.union([
    z.object({ enabled: z.literal(false) }),
    z.object({
      enabled: z.literal(true),
      status: z.enum(['active', 'paused', 'error']),
      bridge_integration_id: z.string(),
      chatwoot_base_url: z.string(),
      chatwoot_account_id: z.number().int(),
      chatwoot_inbox_id: z.number().int(),
      chatwoot_inbox_name: z.string(),
      last_error: z.string(),
    }),
  ]),
  created_at: time,
});

const inlineResult = z
  .union([
    z.object({
      status: z.literal('active'),
      bridge_integration_id: z.string(),
      message: z.string(),
      history,
      warnings: z.array(z.string()).optional(),
    }),
    z.object({ status: z.literal('error'), error: z.string(), code: z.enum(errorCodes) }),
  ])
  .meta({ description: 'What came of the activation; only with chatwootEnabled.' });

export const instanceOperations: readonly Operation[] = [
  {
    method: 'post',
    path: '/api/instance/new',
    id: 'createInstance',
    tag: 'Instances',
    summary: 'Create an instance',
    description:
      'The TokenInstance in the answer is shown this once. With `chatwootEnabled` Chatwoot is activated in the same request; a failure of that does not undo the creation and is told under `chatwoot`.',
    caller: 'account',
    body: newInstanceBodySchema.extend(inlineChatwootSchema.partial().shape),
    example: { name: 'suporte' },
    answers: [
      {
        status: 201,
        description: 'Created.',
        schema: z.object({
          success: z.literal(true),
          message: z.string(),
          instance: z.object({
            id: z.string(),
            name: z.string(),
            token: z.string(),
            status: z.literal('disconnected'),
            created_at: time,
          }),
          chatwoot: inlineResult.optional(),
        }),
      },
    ],
    errors: ['instance_name_taken', 'instance_token_taken'],
  },
  {
    method: 'get',
    path: '/api/instance/list',
    id: 'listInstances',
    tag: 'Instances',
    summary: 'List instances',
    description: 'All of the account; with a TokenInstance only its own.',
    caller: 'customer',
    parameters: [
      {
        in: 'query',
        name: 'instanceName',
        description: 'Only these, separated by commas. A single unknown name is 404.',
        schema: { type: 'string', examples: ['suporte,vendas'] },
      },
    ],
    answers: [
      {
        status: 200,
        description: 'The instances.',
        schema: z.object({
          success: z.literal(true),
          message: z.string().meta({ examples: ['2 Instances found'] }),
          instances: z.array(listed),
          meta: z.object({ total: z.number().int() }),
        }),
      },
    ],
    errors: ['instance_not_found'],
  },
  {
    method: 'patch',
    path: '/api/instance/{instance}',
    id: 'changeInstance',
    tag: 'Instances',
    summary: 'Pair an instance in another WhatsApp engine, or change what is known of its own',
    description:
      'Chatwoot is not touched: conversations go on. Where the instance is active, the webhook moves along. With another kind or address the token has to be given again. Not part of RyzeAPI.',
    caller: 'account',
    body: patchBodySchema,
    example: { engine: { kind: 'evolution', url: 'https://evolution.example.com', token: 'a-token' } },
    answers: [
      {
        status: 200,
        description: 'Changed.',
        schema: z.object({ success: z.literal(true), message: z.string(), instance: listed }),
      },
    ],
    errors: [],
  },
  {
    method: 'delete',
    path: '/api/instance/delete/{instance}',
    id: 'deleteInstance',
    tag: 'Instances',
    summary: 'Delete an instance',
    description: 'With its integration, **its inbox in Chatwoot and the conversations in it**.',
    caller: 'account',
    answers: [{ status: 200, description: 'Deleted.', schema: z.object({ success: z.literal(true), message: z.string() }) }],
    errors: ['activation_running'],
  },
];
