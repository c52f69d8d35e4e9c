import { Histogram, type Registry } from 'prom-client';
import { DURATION_BUCKETS } from '../../shared/metrics/metrics.ts';
import { endpointLabel } from '../chatwoot/endpoint-label.ts';
import type { ChatwootResult, ChatwootTransport } from '../chatwoot/transport.ts';

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
      const result = await transport.request(request);
      end({ outcome: outcomeOf(result) });
      return result;
    },
  };
}

/** `ok`, or what went wrong in one word. */
export function outcomeOf(result: ChatwootResult): string {
  if (result.kind === 'failed') return result.code;
  return result.status >= 200 && result.status < 300 ? 'ok' : `http_${result.status}`;
}
