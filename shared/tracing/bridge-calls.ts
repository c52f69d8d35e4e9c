import type { BridgeCallOptions, BridgeClient } from '../bridge-client/client.ts';
import type { BridgeOutcome } from '../bridge-client/outcome.ts';
import type { Tracing } from './tracing.ts';

/** The same client, whose calls are spans that the bridge's own hang below. */
export function traceBridgeClient(client: BridgeClient, tracing: Tracing): BridgeClient {
  function traced<Options extends BridgeCallOptions, Value>(
    operation: string,
    options: Options,
    call: (options: Options) => Promise<BridgeOutcome<Value>>,
  ): Promise<BridgeOutcome<Value>> {
    return tracing.span({ name: `bridge ${operation}`, kind: 'client' }, async (span) => {
      const outcome = await call({ ...options, traceparent: tracing.current() });
      if (!outcome.ok) span.fail(outcome.failure.kind === 'http' ? `http_${outcome.failure.status}` : outcome.failure.kind);
      return outcome;
    });
  }

  return {
    activate: (request, options) => traced('activate', options, (given) => client.activate(request, given)),
    check: (request, options) => traced('check', options, (given) => client.check(request, given)),
    get: (id, options) => traced('get', options, (given) => client.get(id, given)),
    verify: (id, options) => traced('verify', options, (given) => client.verify(id, given)),
    remove: (id, options) => traced('remove', options, (given) => client.remove(id, given)),
    cancel: (id, options) => traced('cancel', options, (given) => client.cancel(id, given)),
  };
}
