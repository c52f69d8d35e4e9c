import { Histogram, type Registry } from 'prom-client';
import { DURATION_BUCKETS } from '../../shared/metrics/metrics.ts';
import { endpointLabel } from '../chatwoot/endpoint-label.ts';
import type { ChatwootReply, ChatwootTransport } from '../chatwoot/transport.ts';

/** The same way to Chatwoot, whose requests are timed by what is asked and what came of it. */
export function measureTransport(transport: ChatwootTransport, registry: Registry): ChatwootTransport {
  const durations = new Histogram({
    name: 'ponte_chatwoot_call_duration_seconds',
    help: 'Requests to Chatwoot, by what is asked for and outcome: ok, http_<status>, timeout, address_forbidden, or the code of the network error.',
    labelNames: ['operation', 'outcome'],
    buckets: DURATION_BUCKETS,
    registers: [registry],
  });
  return {
    async request(request) {
      const end = durations.startTimer({ operation: endpointLabel(request) });
      const reply = await transport.request(request);
      end({ outcome: outcomeOf(reply) });
      return reply;
    },
  };
}

/** `ok`, or what went wrong in one word. */
export function outcomeOf(reply: ChatwootReply): string {
  if (reply.kind === 'none') return reply.network;
  return reply.status >= 200 && reply.status < 300 ? 'ok' : `http_${reply.status}`;
}
