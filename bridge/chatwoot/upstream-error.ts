import type { BridgeUpstream, Diagnosis } from '../../shared/contracts/bridge.ts';
import type { ChatwootClient } from './client.ts';
import { diagnose } from './diagnosis.ts';
import type { ChatwootFailure } from './outcome.ts';
import type { ChatwootReply } from './transport.ts';

/**
 * A failure of Chatwoot on its way to the caller of the bridge: `message` is the raw text `<url> HTTP <status>: <body>`, or
 * `<Method> "<url>": <reason>` where there was no answer. Neither holds a token.
 */
export class UpstreamError extends Error {
  override readonly name = 'UpstreamError';
  readonly upstream: BridgeUpstream;

  constructor(reply: ChatwootReply, diagnosis?: Diagnosis) {
    super(textOf(reply));
    this.upstream = upstreamOf(reply, diagnosis);
  }
}

/** The failure as an error; one that can mean several things is looked into first. */
export async function upstreamError(failure: ChatwootFailure, client: ChatwootClient): Promise<UpstreamError> {
  const { reply } = failure;
  return new UpstreamError(reply, reply.kind === 'answer' ? await diagnose(reply, client) : undefined);
}

function textOf(reply: ChatwootReply): string {
  if (reply.kind === 'answer') return `${reply.url} HTTP ${reply.status}: ${reply.body}`;
  const verb = `${reply.method.slice(0, 1)}${reply.method.slice(1).toLowerCase()}`;
  return `${verb} "${reply.url}": ${reply.message}`;
}

function upstreamOf(reply: ChatwootReply, diagnosis: Diagnosis | undefined): BridgeUpstream {
  const { method, url } = reply;
  if (reply.kind === 'none') return { method, url, network: reply.network };
  return {
    method,
    url,
    status: reply.status,
    content_type: reply.contentType,
    body: reply.body,
    ...(reply.location === undefined ? {} : { location: reply.location }),
    ...(reply.retryAfterSeconds === undefined ? {} : { retry_after_seconds: reply.retryAfterSeconds }),
    ...(diagnosis === undefined ? {} : { diagnosis }),
  };
}
