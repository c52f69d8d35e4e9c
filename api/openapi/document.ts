import { z } from 'zod';
import { type ErrorCode, errorCatalogue } from '../../shared/errors/catalogue.ts';
import { notificationEventSchemas } from '../../shared/notifications/event.ts';
import { errorsByStatus } from './errors.ts';
import type { Answer, Operation, Parameter } from './operation.ts';
import { chatwootOperations } from './operations/chatwoot.ts';
import { engineOperations } from './operations/engines.ts';
import { healthOperations } from './operations/health.ts';
import { instanceOperations } from './operations/instances.ts';
import { messageOperations } from './operations/messages.ts';
import { tokenOperations } from './operations/tokens.ts';
import { webhookOperations } from './operations/webhooks.ts';

type Json = Readonly<Record<string, unknown>>;

/** Every endpoint of the api that is for others than its own bridge and its operator. */
export const operations: readonly Operation[] = [
  ...chatwootOperations,
  ...instanceOperations,
  ...tokenOperations,
  ...engineOperations,
  ...messageOperations,
  ...webhookOperations,
  ...healthOperations,
];

const TAGS = {
  Chatwoot: 'Activate a Chatwoot integration, look at it, remove it. 503 on all of them while no bridge is configured.',
  Instances: 'The WhatsApp numbers of an account, and tokens.',
  Messages: 'Events from, and messages to, the WhatsApp engine of an instance.',
  Webhooks:
    'What Ponte tells an account of by itself: integrations that fail and recover, messages set aside, phones that lose their connection, activations that end.',
  Health: 'For whoever runs the process.',
} as const satisfies Record<Operation['tag'], string>;

const DESCRIPTION = `Activates a Chatwoot integration for a WhatsApp API instance and keeps it running: the contract RyzeAPI documents for its
Chatwoot module, open and self-hosted.

**Tokens.** Header \`token\`, or \`Authorization: Bearer\`. A TokenAccount acts on every instance of its account, a TokenInstance on its own.

**Errors** are \`{"success":false,"error":{"message","code"}}\`. The message says what happened and what to do; \`code\` is stable. Checks come in
this order: 429, 401, 503 (no bridge configured), 404 and 403 (instance), 400 (body).

**Rate limit**: per token in a window of one minute. Every answer below /api has \`X-RateLimit-Limit\`, \`X-RateLimit-Remaining\` and
\`X-RateLimit-Reset\` (Unix seconds).`;

const RATE_LIMIT_HEADERS = {
  'X-RateLimit-Limit': 'Requests allowed in the window of a minute.',
  'X-RateLimit-Remaining': 'Requests left in it.',
  'X-RateLimit-Reset': 'When the next one begins, in Unix seconds.',
};

/** The OpenAPI 3.1 document of the api, made of the schemas it parses with. */
export function createOpenApiDocument({ baseUrl, version }: { baseUrl: string; version: string }): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const operation of operations) {
    const path = paths[operation.path] ?? {};
    paths[operation.path] = { ...path, [operation.method]: operationObject(operation) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Ponte', version, description: DESCRIPTION, license: { name: 'MIT', identifier: 'MIT' } },
    // The first is the one a browser may call from the reference page.
    servers: [{ url: '/', description: 'The server this document came from.' }, { url: baseUrl }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    webhooks: Object.fromEntries(
      Object.entries(notificationEventSchemas).map(([type, schema]) => [type, webhookObject(type, schema)]),
    ),
    components: {
      securitySchemes: {
        token: { type: 'apiKey', in: 'header', name: 'token', description: 'TokenAccount or TokenInstance.' },
        bearer: { type: 'http', scheme: 'bearer', description: 'The same token.' },
        queryToken: { type: 'apiKey', in: 'query', name: 'token', description: 'Only where events are delivered.' },
      },
    },
  };
}

function operationObject(operation: Operation): Json {
  const { id, tag, summary, description, caller, body } = operation;
  return {
    operationId: id,
    tags: [tag],
    summary,
    description,
    security: caller === 'anybody' ? [] : [{ token: [] }, { bearer: [] }, ...(caller === 'engine' ? [{ queryToken: [] }] : [])],
    parameters: [...instanceParameter(operation), ...(operation.parameters ?? []).map(parameterObject)],
    ...(body ? { requestBody: { required: true, content: json(toJsonSchema(body, 'input'), operation.example) } } : {}),
    responses: responsesOf(operation),
  };
}

const SIGNATURE_HEADERS = {
  'webhook-id': 'Id of the event.',
  'webhook-timestamp': 'When this attempt was made, in Unix seconds.',
  'webhook-signature':
    '`v1,` and the base64 of HMAC-SHA256 over `<webhook-id>.<webhook-timestamp>.<body>`: see standardwebhooks.com.',
};

/** What Ponte sends by itself, and what it takes for an answer. */
const webhookObject = (type: string, schema: z.ZodType): Json => ({
  post: {
    operationId: `on.${type}`,
    tags: ['Webhooks'],
    summary: type,
    description: 'Signed as Standard Webhooks are. May come more than once, with the same id, and in any order.',
    parameters: Object.entries(SIGNATURE_HEADERS).map(([name, description]) => ({
      ...{ in: 'header', name, description, required: true },
      schema: { type: 'string' },
    })),
    requestBody: { required: true, content: json(toJsonSchema(schema, 'output')) },
    responses: {
      '2XX': { description: 'Received. Anything else, or no answer within 10 s, and it is tried again for a day.' },
    },
  },
});

const instanceParameter = ({ path }: Operation): Json[] =>
  path.includes('{instance}')
    ? [{ in: 'path', name: 'instance', required: true, description: 'Name of the instance.', schema: { type: 'string' } }]
    : [];

const parameterObject = ({ in: place, name, description, schema }: Parameter): Json => ({
  in: place,
  name,
  description,
  required: place === 'path',
  schema,
});

function responsesOf(operation: Operation): Json {
  const limited = operation.caller === 'anybody' ? {} : RATE_LIMIT_HEADERS;
  const answers = operation.answers.map((answer) => [answer.status, answerObject(answer, limited)] as const);
  const errors = [...errorsByStatus(operation)].map(([status, codes]) => [status, errorObject(codes, limited)] as const);
  return Object.fromEntries([...answers, ...errors].map(([status, object]) => [String(status), object]));
}

const answerObject = ({ description, schema, headers }: Answer, limited: Record<string, string>): Json => ({
  description,
  headers: headersOf({ ...headers, ...limited }),
  content: json(toJsonSchema(schema, 'output')),
});

const errorObject = (codes: ErrorCode[], limited: Record<string, string>): Json => ({
  description: codes.map((code) => `\`${code}\`: ${errorCatalogue[code].when}`).join('\n\n'),
  headers: headersOf({
    ...limited,
    ...(codes.includes('rate_limited') ? { 'Retry-After': 'Seconds until another request.' } : {}),
  }),
  content: {
    'application/json': {
      schema: errorSchema(codes),
      examples: Object.fromEntries(
        codes.map((code) => [code, { value: { success: false, error: { message: errorCatalogue[code].message, code } } }]),
      ),
    },
  },
});

/** The envelope of every error; `codes` are those that can be in it. */
export const errorSchema = (codes: readonly ErrorCode[]): Json => ({
  type: 'object',
  properties: {
    success: { const: false },
    error: {
      type: 'object',
      properties: {
        message: { type: 'string', minLength: 1 },
        message_localized: {
          type: 'string',
          description: 'The same in Portuguese or Spanish, where `Accept-Language` prefers one of them.',
        },
        code: { enum: codes },
      },
      required: ['message', 'code'],
      additionalProperties: false,
    },
  },
  required: ['success', 'error'],
  additionalProperties: false,
});

const headersOf = (headers: Readonly<Record<string, string>>): Json =>
  Object.fromEntries(Object.entries(headers).map(([name, description]) => [name, { description, schema: { type: 'string' } }]));

const json = (schema: Json, example?: Json): Json => ({
  'application/json': { schema, ...(example === undefined ? {} : { example }) },
});

function toJsonSchema(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, target: 'draft-2020-12', unrepresentable: 'any' });
  return rest;
}
