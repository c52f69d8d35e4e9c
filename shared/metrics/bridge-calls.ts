import { Histogram, type Registry } from 'prom-client';
import type { BridgeClient } from '../bridge-client/client.ts';
import type { BridgeOutcome } from '../bridge-client/outcome.ts';
import { DURATION_BUCKETS } from './metrics.ts';

/** The same client, whose calls are timed by operation and outcome. */
export function measureBridgeClient(client: BridgeClient, registry: Registry): BridgeClient {
  const durations = new Histogram({
    name: 'ponte_bridge_call_duration_seconds',
    help: 'Calls to the bridge, by operation and outcome: ok, chatwoot (the bridge is well, Chatwoot is not), http_<status>, network, timeout, aborted, protocol.',
    labelNames: ['operation', 'outcome'],
    buckets: DURATION_BUCKETS,
    registers: [registry],
  });
  async function timed<Value>(operation: string, call: Promise<BridgeOutcome<Value>>): Promise<BridgeOutcome<Value>> {
    const end = durations.startTimer({ operation });
    const outcome = await call;
    end({ outcome: outcomeLabel(outcome) });
    return outcome;
  }

  return {
    activate: (request, options) => timed('activate', client.activate(request, options)),
    check: (request, options) => timed('check', client.check(request, options)),
    get: (id, options) => timed('get', client.get(id, options)),
    verify: (id, options) => timed('verify', client.verify(id, options)),
    remove: (id, options) => timed('remove', client.remove(id, options)),
    cancel: (id, options) => timed('cancel', client.cancel(id, options)),
  };
}

function outcomeLabel(outcome: BridgeOutcome<unknown>): string {
  if (outcome.ok) return 'ok';
  const { failure } = outcome;
  if (failure.kind !== 'http') return failure.kind;
  return failure.error?.upstream === undefined ? `http_${failure.status}` : 'chatwoot';
}
