import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormatsModule from 'ajv-formats';
import { createOpenApiDocument, errorSchema } from '../../api/openapi/document.ts';
import { errorCodes } from '../../shared/errors/catalogue.ts';

export interface ObservedAnswer {
  readonly method: string;
  /** As it was sent, with or without a query. */
  readonly path: string;
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

export interface Contract {
  /** What of an answer is not as the OpenAPI document says; empty when all is. */
  faults(answer: ObservedAnswer): string[];
  readonly document: Readonly<Record<string, unknown>>;
}

interface ResponseObject {
  headers: Record<string, unknown>;
  content: { 'application/json': { schema: object } };
}
type Operations = Record<string, { responses: Record<string, ResponseObject> }>;

// The default export of a CommonJS module arrives wrapped, and its type does not say so.
const addFormats = addFormatsModule as unknown as typeof addFormatsModule.default;
/** Only where a request asks for it. */
const OCCASIONAL_HEADERS = new Set(['Retry-After']);

/** Holds answers of the api against its own OpenAPI document: status, body, and the headers it promises. */
export function createContract(): Contract {
  const document = createOpenApiDocument({ baseUrl: 'http://localhost', version: '0.0.0' });
  const ajv = addFormats(new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true }));
  const compiled = new Map<object, ValidateFunction>();
  const paths = Object.entries(document.paths as Record<string, Operations>).map(([template, operations]) => ({
    pattern: new RegExp(`^${template.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}/?$`, 'i'),
    operations,
  }));
  const anyError = errorSchema(errorCodes);
  const limited = ['X-RateLimit-Limit', 'X-RateLimit-Remaining', 'X-RateLimit-Reset'];

  function bodyFaults(schema: object, body: unknown): string[] {
    const validate = compiled.get(schema) ?? ajv.compile(schema);
    compiled.set(schema, validate);
    return validate(body) ? [] : (validate.errors ?? []).map((error) => `body${error.instancePath} ${error.message}`);
  }

  function responseFaults(response: ResponseObject, { headers, body }: ObservedAnswer): string[] {
    const missing = Object.keys(response.headers).filter((name) => !OCCASIONAL_HEADERS.has(name) && !headers.has(name));
    return [
      ...bodyFaults(response.content['application/json'].schema, body),
      ...missing.map((name) => `header ${name} is missing`),
    ];
  }

  return {
    document,
    faults(answer) {
      const { status, headers, body } = answer;
      const path = answer.path.split('?', 1)[0] ?? '';
      const method = answer.method === 'HEAD' ? 'get' : answer.method.toLowerCase();
      const common = [
        ...(headers.has('x-request-id') ? [] : ['header X-Request-Id is missing']),
        ...(/^application\/json/.test(headers.get('content-type') ?? '') ? [] : ['the body is not JSON']),
      ];
      const found = paths.filter(({ pattern }) => pattern.test(path)).map(({ operations }) => operations[method]);
      const operation = found.find((candidate) => candidate !== undefined);
      const response = operation?.responses[String(status)];
      if (response) return [...common, ...responseFaults(response, answer)];
      // No operation: an unknown path, a method that a known one does not have, or a path that cannot be decoded.
      const below = path.toLowerCase().startsWith('/api/') ? limited.filter((name) => !headers.has(name)) : [];
      const allowed = operation === undefined ? [400, 401, 404, 405, 429, 503] : [];
      return [
        ...common,
        ...(allowed.includes(status) ? [] : [`${answer.method} ${path} must not answer ${status}`]),
        ...(status === 405 && !headers.has('allow') ? ['header Allow is missing'] : []),
        ...below.map((name) => `header ${name} is missing`),
        ...bodyFaults(anyError, body),
      ];
    },
  };
}
