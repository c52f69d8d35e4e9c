import { setTimeout as delay } from 'node:timers/promises';
import type { Place, World } from '../../test/support/world.ts';
import type { Random } from './random.ts';

export interface Load {
  /** Ends when every request under way has been answered. */
  stop(): Promise<void>;
}

const CLIENTS = 6;
const NAMES = ['WhatsApp', 'WhatsApp - Orion', 'Vendas'] as const;
const LONGEST_PAUSE_MS = 400;

/** Clients that activate and deactivate as people and scripts do: impatiently, more than once, and with mistakes. */
export function startLoad({ world, random }: { world: World; random: Random }): Load {
  let isStopping = false;
  let keys = 0;

  async function act(place: Place): Promise<void> {
    const api = random.pick(world.stack.apis);
    const inboxName = random.pick(NAMES);
    if (random.chance(15)) upset(place);
    const lot = random.integer(1, 100);
    if (lot <= 20) {
      await world.remove(place).catch(() => undefined);
    } else if (lot <= 40) {
      await Promise.all(Array.from({ length: random.integer(2, 8) }, () => world.set(place, { api, inboxName })));
    } else if (lot <= 60) {
      const idempotencyKey = `key-${keys++}`;
      await world.set(place, { api, inboxName, idempotencyKey });
      await world.set(place, { api: random.pick(world.stack.apis), inboxName, idempotencyKey });
    } else {
      await world.set(place, { api, inboxName });
    }
  }

  /** Has Chatwoot fail the next request or two of this account. */
  function upset(place: Place): void {
    const times = random.integer(1, 2);
    const action = random.pick([
      { kind: 'status', status: 500, body: '{"status":500,"error":"Internal Server Error"}' },
      { kind: 'status', status: 401, body: '{"error":"Invalid Access Token"}', contentType: 'application/json' },
      { kind: 'status', status: 429, body: 'Retry later\n' },
      { kind: 'delay', delayMs: random.integer(100, 3_000) },
      { kind: 'reset' },
      { kind: 'resetAfterEffect' },
      { kind: 'hangAfterEffect' },
      { kind: 'truncateBody' },
    ] as const);
    place.fault(action, { times });
  }

  async function client(): Promise<void> {
    while (!isStopping) {
      await act(random.pick(world.places));
      await delay(random.integer(0, LONGEST_PAUSE_MS));
    }
  }
  const clients = Array.from({ length: CLIENTS }, client);

  return {
    async stop() {
      isStopping = true;
      await Promise.all(clients);
    },
  };
}
