import { bridgeErrorSchema } from '../../../shared/contracts/bridge.ts';
import { storedEventPath } from '../../../shared/contracts/stream.ts';
import type { ErrorCode } from '../../../shared/errors/catalogue.ts';
import { exchange, FRESH_CONNECTION } from '../../../shared/http/exchange.ts';
import { parseJson } from '../../../shared/http/parse-json.ts';
import type { Allotment } from '../../../shared/memory/byte-budget.ts';
import { BRIDGE_LIMITS } from '../../timeouts.ts';
import { EventUnavailable } from './relay-error.ts';

const CONNECT_TIMEOUT_MS = 5_000;
const MAX_EVENT_BYTES = 128 * 1_048_576;
const GONE: ErrorCode = 'event_gone';

/** The payload of an event as JSON text; undefined once the api no longer has it. Throws EventUnavailable. */
export type FetchWholeEvent = (sequence: number, allotment: Allotment) => Promise<string | undefined>;

/** Asks the api for the whole of an event of which the stream has told the outline. */
export function createWholeEvents(deps: {
  bridgeToken: string;
  instance: () => { readonly ryzeapiUrl: string; readonly instanceId: string };
}): FetchWholeEvent {
  return async (sequence, allotment) => {
    await allotment.begin();
    const { ryzeapiUrl, instanceId } = deps.instance();
    const answer = await exchange({
      method: 'GET',
      url: `${ryzeapiUrl}${storedEventPath(instanceId, sequence)}`,
      headers: { authorization: `Bearer ${deps.bridgeToken}` },
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
      timeoutMs: BRIDGE_LIMITS.fetchMediaMs,
      maxResponseBytes: MAX_EVENT_BYTES,
      route: { ...FRESH_CONNECTION, allotment },
    });
    if (answer.kind === 'response' && answer.status === 200 && !answer.cut) return answer.body;
    const code = answer.kind === 'response' ? bridgeErrorSchema.safeParse(parseJson(answer.body)).data?.error.code : undefined;
    if (code === GONE) return undefined;
    throw new EventUnavailable('the api does not hand out a message with a large file');
  };
}
