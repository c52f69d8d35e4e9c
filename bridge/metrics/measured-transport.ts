import { Histogram, type Registry } from 'prom-client';
import { DURATION_BUCKETS } from '../../shared/metrics/metrics.ts';
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
      const end = durations.startTimer({ operation: `${request.method} ${patternOf(request.url)}` });
      const reply = await transport.request(request);
      end({ outcome: outcomeOf(reply) });
      return reply;
    },
  };
}

/** `conversations/:id/messages`: what is asked for, whichever account, inbox or conversation it is about. */
function patternOf(url: string): string {
  const [, path] = /\/api\/v1\/([^?#]*)/.exec(url) ?? [];
  if (path === undefined) return 'other';
  const parts = path.replace(/^accounts\/\d+\//, '').split('/');
  return parts.map((part) => (/\d/.test(part) ? ':id' : part)).join('/');
}

function outcomeOf(reply: ChatwootReply): string {
  if (reply.kind === 'none') return reply.network;
  return reply.status >= 200 && reply.status < 300 ? 'ok' : `http_${reply.status}`;
}
