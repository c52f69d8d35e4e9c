import { z } from 'zod';
import type { Operation } from '../operation.ts';

const check = z.enum(['ok', 'unavailable', 'disk full', 'not configured']);
const readiness = z.object({
  status: z.enum(['ready', 'unready', 'draining']),
  checks: z.object({
    database: check,
    queue: check,
    bridge: check,
    clock: z
      .string()
      .optional()
      .describe('Only where the clock of the process is more than 5 s off the database’s: by how much.'),
  }),
});

export const healthOperations: readonly Operation[] = [
  {
    method: 'get',
    path: '/healthz',
    id: 'getHealth',
    tag: 'Health',
    summary: 'Whether the process lives',
    description: 'Asks nothing of anybody.',
    caller: 'anybody',
    answers: [{ status: 200, description: 'It does.', schema: z.object({ status: z.literal('ok') }) }],
    errors: [],
  },
  {
    method: 'get',
    path: '/readyz',
    id: 'getReadiness',
    tag: 'Health',
    summary: 'Whether the process can do its work',
    description: 'The bridge and a clock that is off are named but do not count.',
    caller: 'anybody',
    answers: [
      { status: 200, description: 'It can.', schema: readiness },
      { status: 503, description: 'It cannot, or is shutting down.', schema: readiness },
    ],
    errors: [],
  },
  {
    method: 'get',
    path: '/version',
    id: 'getVersion',
    tag: 'Health',
    summary: 'Which version runs',
    description: 'That of the api; `ponte_build_info` in `/metrics` tells it of every process.',
    caller: 'anybody',
    answers: [{ status: 200, description: 'It is this.', schema: z.object({ version: z.string() }) }],
    errors: [],
  },
];
