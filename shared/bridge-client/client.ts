import type { z } from 'zod';
import {
  type BridgeActivateRequest,
  type BridgeCheckResponse,
  bridgeActivateResponseSchema,
  bridgeCheckResponseSchema,
  bridgeErrorSchema,
  bridgeIntegrationSchema,
  bridgeVerificationSchema,
  IDEMPOTENCY_KEY_HEADER,
  REQUEST_ID_HEADER,
} from '../contracts/bridge.ts';
import { exchange, type HttpFailure, type HttpRequest, type HttpResponse } from '../http/exchange.ts';
import { parseJson } from '../http/parse-json.ts';
import type { BridgeFailure, BridgeOutcome } from './outcome.ts';

/** What a successful activation answers, with the defaults filled in. */
export type ActivatedIntegration = z.output<typeof bridgeActivateResponseSchema>;
/** What the bridge knows live of an integration, with the defaults filled in. */
export type LiveIntegration = z.output<typeof bridgeIntegrationSchema>;

/** What came of a proof of the way from Chatwoot. */
export type VerifiedWay = z.output<typeof bridgeVerificationSchema>;

export interface BridgeCallOptions {
  /** The call as a whole ends within this; connecting within two seconds of it. */
  readonly timeoutMs: number;
  /** Ties the bridge's log lines to the request that caused them. */
  readonly requestId?: string | undefined;
  /** W3C traceparent: what the bridge does for this call belongs to that trace. */
  readonly traceparent?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The bridge's HTTP API. No method ever throws, retries or follows a redirect; no error of the HTTP library gets out. */
export interface BridgeClient {
  /** `POST /v1/integrations/activate`; repeating it with the same activation id has the effect of one call. */
  activate(
    request: BridgeActivateRequest,
    options: BridgeCallOptions & { readonly activationId: string },
  ): Promise<BridgeOutcome<ActivatedIntegration>>;
  /** `POST /v1/integrations/check`: ok when the same request would activate; creates nothing. */
  check(request: BridgeActivateRequest, options: BridgeCallOptions): Promise<BridgeOutcome<BridgeCheckResponse>>;
  /** `GET /v1/integrations/:id`; the value is undefined when the bridge does not have it. */
  get(bridgeIntegrationId: string, options: BridgeCallOptions): Promise<BridgeOutcome<LiveIntegration | undefined>>;
  /** `POST /v1/integrations/:id/verify`: whether Chatwoot's webhooks arrive; undefined when the bridge does not have it. */
  verify(bridgeIntegrationId: string, options: BridgeCallOptions): Promise<BridgeOutcome<VerifiedWay | undefined>>;
  /** `DELETE /v1/integrations/:id`: the inbox and the link to it. */
  remove(bridgeIntegrationId: string, options: BridgeCallOptions): Promise<BridgeOutcome<'removed' | 'absent'>>;
  /** `DELETE /v1/activations/:id`: undoes whatever that activation may have left. */
  cancel(activationId: string, options: BridgeCallOptions): Promise<BridgeOutcome<'removed' | 'absent'>>;
}

const CONNECT_TIMEOUT_MS = 2_000;
/** No bridge has reason to answer with more; one that does must not fill our memory. */
const MAX_RESPONSE_BYTES = 1_048_576;
/** How much of an answer that is none of a bridge is kept. */
const TEXT_LENGTH = 1_000;

/** `url` is BRIDGE_URL, `token` BRIDGE_TOKEN. */
export function createBridgeClient({ url, token }: { url: string; token: string }): BridgeClient {
  const call = async (
    method: HttpRequest['method'],
    path: string,
    options: BridgeCallOptions,
    extra: { json?: unknown; headers?: Record<string, string> } = {},
  ): Promise<HttpResponse | BridgeFailure> => {
    const result = await exchange({
      method,
      url: `${url}${path}`,
      json: extra.json,
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
      timeoutMs: options.timeoutMs,
      maxResponseBytes: MAX_RESPONSE_BYTES,
      signal: options.signal,
      headers: {
        authorization: `Bearer ${token}`,
        ...(options.requestId === undefined ? {} : { [REQUEST_ID_HEADER]: options.requestId }),
        ...(options.traceparent === undefined ? {} : { traceparent: options.traceparent }),
        ...extra.headers,
      },
    });
    return result.kind === 'response' ? result : noAnswer(result, options.timeoutMs);
  };
  const remove = async (path: string, options: BridgeCallOptions): Promise<BridgeOutcome<'removed' | 'absent'>> => {
    const answer = await call('DELETE', path, options);
    if (isFailure(answer)) return { ok: false, failure: answer };
    if (isSuccess(answer)) return { ok: true, value: 'removed' };
    return isAbsent(answer) ? { ok: true, value: 'absent' } : { ok: false, failure: failureOf(answer) };
  };

  return {
    async activate(request, options) {
      const headers = { [IDEMPOTENCY_KEY_HEADER]: options.activationId };
      const answer = await call('POST', '/v1/integrations/activate', options, { json: request, headers });
      return parsed(answer, bridgeActivateResponseSchema);
    },
    async check(request, options) {
      const answer = await call('POST', '/v1/integrations/check', options, { json: request });
      if (isFailure(answer)) return { ok: false, failure: answer };
      if (!isSuccess(answer)) return { ok: false, failure: failureOf(answer) };
      // Another bridge may say no more than that it would.
      return { ok: true, value: bridgeCheckResponseSchema.safeParse(parseJson(answer.body)).data ?? {} };
    },
    async get(bridgeIntegrationId, options) {
      const answer = await call('GET', `/v1/integrations/${encodeURIComponent(bridgeIntegrationId)}`, options);
      if (!isFailure(answer) && isAbsent(answer)) return { ok: true, value: undefined };
      return parsed(answer, bridgeIntegrationSchema);
    },
    async verify(bridgeIntegrationId, options) {
      const answer = await call('POST', `/v1/integrations/${encodeURIComponent(bridgeIntegrationId)}/verify`, options);
      if (!isFailure(answer) && isAbsent(answer)) return { ok: true, value: undefined };
      return parsed(answer, bridgeVerificationSchema);
    },
    remove: (bridgeIntegrationId, options) => remove(`/v1/integrations/${encodeURIComponent(bridgeIntegrationId)}`, options),
    cancel: (activationId, options) => remove(`/v1/activations/${encodeURIComponent(activationId)}`, options),
  };
}

function noAnswer(failure: HttpFailure, timeoutMs: number): BridgeFailure {
  if (failure.code === 'aborted') return { kind: 'aborted' };
  return failure.code === 'timeout' ? { kind: 'timeout', timeoutMs } : { ...failure, kind: 'network' };
}

const isFailure = (answer: HttpResponse | BridgeFailure): answer is BridgeFailure => answer.kind !== 'response';
const isSuccess = (answer: HttpResponse): boolean => answer.status >= 200 && answer.status < 300;

/**
 * Whether a 404 says "I do not have this integration". A page of some web server does not, nor does a bridge that has no such route:
 * taking those for an answer would leave the inbox in Chatwoot for good when BRIDGE_URL is wrong.
 */
function isAbsent(answer: HttpResponse): boolean {
  if (answer.status !== 404 || /html/i.test(answer.contentType)) return false;
  return bridgeErrorOf(answer)?.code !== 'route_not_found';
}

function parsed<Schema extends z.ZodType>(answer: HttpResponse | BridgeFailure, schema: Schema): BridgeOutcome<z.output<Schema>> {
  if (isFailure(answer)) return { ok: false, failure: answer };
  if (!isSuccess(answer)) return { ok: false, failure: failureOf(answer) };
  const result = schema.safeParse(answer.cut ? undefined : parseJson(answer.body));
  if (result.success) return { ok: true, value: result.data };
  const fault = answer.cut
    ? 'is larger than 1 MiB'
    : `is not what it should be (${result.error.issues.map((issue) => issue.path.join('.') || 'not a JSON object').join(', ')})`;
  return { ok: false, failure: { kind: 'protocol', status: answer.status, detail: `HTTP ${answer.status} whose body ${fault}` } };
}

function failureOf(answer: HttpResponse): BridgeFailure {
  if (answer.status < 400) {
    return {
      kind: 'protocol',
      status: answer.status,
      detail: `HTTP ${answer.status}${answer.location ? ` with a redirect to ${answer.location}` : ''}`,
    };
  }
  const error = bridgeErrorOf(answer);
  return {
    kind: 'http',
    status: answer.status,
    error,
    text: error === undefined ? answer.body.slice(0, TEXT_LENGTH) : '',
    retryAfterSeconds: answer.retryAfterSeconds,
  };
}

const bridgeErrorOf = (answer: HttpResponse) => bridgeErrorSchema.safeParse(parseJson(answer.body)).data?.error;
