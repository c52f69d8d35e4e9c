import { z } from 'zod';
import { renewAccountTokenBodySchema, renewInstanceTokenBodySchema } from '../../auth/token-endpoints.ts';
import type { Operation } from '../operation.ts';

const renewed = z.object({
  success: z.literal(true),
  message: z.string(),
  token: z.string(),
  previous_token_valid_until: z.iso.datetime().nullable(),
});

export const tokenOperations: readonly Operation[] = [
  {
    method: 'post',
    path: '/api/account/token',
    id: 'renewAccountToken',
    tag: 'Instances',
    summary: 'Renew the TokenAccount',
    description:
      'The new token is shown this once. The old one stays valid for `overlapSeconds`, for everything but this; a token that was leaked is ended by `{"overlapSeconds":0}`. The tokens of the instances stay as they are.',
    caller: 'account',
    body: renewAccountTokenBodySchema,
    example: { overlapSeconds: 86_400 },
    answers: [{ status: 200, description: 'Renewed.', schema: renewed }],
    errors: ['token_superseded'],
  },
  {
    method: 'post',
    path: '/api/instance/token/{instance}',
    id: 'renewInstanceToken',
    tag: 'Instances',
    summary: 'Renew a TokenInstance',
    description:
      'The new token is shown this once. The old one stays valid for `overlapSeconds`: give the new one to the WhatsApp engine, whose events come with it, before that has passed.',
    caller: 'account',
    body: renewInstanceTokenBodySchema,
    example: { overlapSeconds: 86_400 },
    answers: [{ status: 200, description: 'Renewed.', schema: renewed }],
    errors: ['instance_token_taken'],
  },
  {
    method: 'delete',
    path: '/api/instance/token/{instance}',
    id: 'revokeInstanceToken',
    tag: 'Instances',
    summary: 'Revoke a TokenInstance',
    description:
      'Ends every token of the instance at once. Until it is given another one its engine’s events are refused; the TokenAccount can do all the rest.',
    caller: 'account',
    answers: [{ status: 200, description: 'Revoked.', schema: z.object({ success: z.literal(true), message: z.string() }) }],
    errors: [],
  },
];
