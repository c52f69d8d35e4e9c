import type { BridgeUpstream, Diagnosis } from '../../shared/contracts/bridge.ts';
import type { ChatwootClient } from './client.ts';
import { diagnose } from './diagnosis.ts';
import type { ChatwootFailure } from './outcome.ts';
import type { ChatwootResult } from './transport.ts';

/**
 * A failure of Chatwoot on its way to the caller of the bridge: `message` is the raw text `<url> HTTP <status>: <body>`, or
 * `<Method> "<url>": <reason>` where there was no answer. Neither holds a token.
 */
export class UpstreamError extends Error {
  override readonly name = 'UpstreamError';
  readonly upstream: BridgeUpstream;

  constructor(response: ChatwootResult, diagnosis?: Diagnosis) {
    super(textOf(response));
    this.upstream = upstreamOf(response, diagnosis);
  }
}

/** The failure as an error; one that can mean several things is looked into first. */
export async function upstreamError(failure: ChatwootFailure, client: ChatwootClient): Promise<UpstreamError> {
  const { response } = failure;
  return new UpstreamError(response, response.kind === 'response' ? await diagnose(response, client) : undefined);
}

function textOf(response: ChatwootResult): string {
  if (response.kind === 'response') return `${response.url} HTTP ${response.status}: ${response.body}`;
  const verb = `${response.method.slice(0, 1)}${response.method.slice(1).toLowerCase()}`;
  return `${verb} "${response.url}": ${response.message}`;
}

function upstreamOf(response: ChatwootResult, diagnosis: Diagnosis | undefined): BridgeUpstream {
  const { method, url } = response;
  if (response.kind === 'failed') return { method, url, network: response.code };
  return {
    method,
    url,
    status: response.status,
    content_type: response.contentType,
    body: response.body,
    ...(response.location === undefined ? {} : { location: response.location }),
    ...(response.retryAfterSeconds === undefined ? {} : { retry_after_seconds: response.retryAfterSeconds }),
    ...(diagnosis === undefined ? {} : { diagnosis }),
  };
}
