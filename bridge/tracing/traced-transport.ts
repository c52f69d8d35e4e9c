import type { Tracing } from '../../shared/tracing/tracing.ts';
import { endpointLabel } from '../chatwoot/endpoint-label.ts';
import type { ChatwootTransport } from '../chatwoot/transport.ts';
import { outcomeOf } from '../metrics/measured-transport.ts';

/** The same way to Chatwoot, whose requests are spans: what was asked for of which host, and what came of it. Nothing that was said. */
export function traceTransport(transport: ChatwootTransport, tracing: Tracing): ChatwootTransport {
  return {
    request: (request) => {
      const attributes = { 'server.address': URL.canParse(request.url) ? new URL(request.url).host : 'invalid' };
      return tracing.span({ name: `chatwoot ${endpointLabel(request)}`, kind: 'client', attributes }, async (span) => {
        const result = await transport.request(request);
        if (result.kind === 'response') span.set('http.response.status_code', result.status);
        const outcome = outcomeOf(result);
        if (outcome !== 'ok') span.fail(outcome);
        return result;
      });
    },
  };
}
