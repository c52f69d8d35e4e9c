import type { Logger } from '../../shared/logging/logger.ts';
import { createTurns } from '../../shared/turns.ts';
import { accountUrl } from '../chatwoot/call.ts';
import type { ChatwootResult, ChatwootTransport } from '../chatwoot/transport.ts';
import type { LeaseHolder } from '../leases/leases.ts';
import type { BridgeTimeouts } from '../timeouts.ts';
import type { IntegrationRow } from './store.ts';

/** Looks at the inboxes of the integrations that are run here, now and then, and soon after any trouble. */
export interface InboxWatch extends LeaseHolder {
  /** Something was amiss with this integration, such as a webhook that was refused. */
  lookSoon(id: string): void;
  /** The same way to Chatwoot; when an account answers again that did not, its inboxes are looked at. */
  observe(transport: ChatwootTransport): ChatwootTransport;
  start(): void;
  stop(): Promise<void>;
}

interface Entry {
  row: IntegrationRow;
  /** Of `performance.now()`. */
  dueAtMs: number;
  lookedAtMs: number;
  /** Its account has not answered as it should, the last time. */
  troubled: boolean;
}

/** Hosts that are asked at the same time; each host is asked for one inbox at a time. */
const MOST_HOSTS = 8;
const ACCOUNT_URL = /^.*?\/api\/v1\/accounts\/\d+(?=[/?]|$)/;

export function createInboxWatch(deps: {
  look: (row: IntegrationRow, signal: AbortSignal) => Promise<void>;
  timing: BridgeTimeouts['inboxLook'];
  logger: Logger;
}): InboxWatch {
  const { everyMs, spreadMs, soonMs, soonAgainMs } = deps.timing;
  const entries = new Map<string, Entry>();
  const accounts = new Map<string, Set<string>>();
  const asking = new Map<string, Promise<void>>();

  const turns = createTurns({
    // What is being asked goes on beside the turns: a slow host holds up none but its own inboxes.
    work: async (signal) => beginDue(signal),
    onError: () => everyMs,
  });

  /** Starts what is due where its host is free; resolves with the time until more is. */
  function beginDue(signal: AbortSignal): number {
    const nowMs = performance.now();
    let nextMs = everyMs;
    for (const entry of entries.values()) {
      const host = hostOf(entry.row);
      if (asking.has(host)) continue;
      if (entry.dueAtMs > nowMs) nextMs = Math.min(nextMs, entry.dueAtMs - nowMs);
      else if (asking.size < MOST_HOSTS) asking.set(host, askHost(host, signal));
    }
    return nextMs;
  }

  async function askHost(host: string, signal: AbortSignal): Promise<void> {
    for (let entry = dueAt(host); entry !== undefined && !signal.aborted; entry = dueAt(host)) {
      entry.lookedAtMs = performance.now();
      entry.dueAtMs = entry.lookedAtMs + everyMs + spreadMs * Math.random();
      await deps.look(entry.row, signal).catch((error: unknown) => {
        deps.logger.warn({ integrationId: entry?.row.id, reason: String(error) }, 'an inbox could not be looked at');
      });
    }
    asking.delete(host);
    turns.wake();
  }

  function dueAt(host: string): Entry | undefined {
    const nowMs = performance.now();
    return [...entries.values()].find(({ row, dueAtMs }) => dueAtMs <= nowMs && hostOf(row) === host);
  }

  function soon(entry: Entry): void {
    const atMs = Math.max(performance.now() + soonMs, entry.lookedAtMs + soonAgainMs);
    if (atMs >= entry.dueAtMs) return;
    entry.dueAtMs = atMs;
    turns.wake();
  }

  function add(row: IntegrationRow, before: Partial<Entry>): void {
    // Not all at once after a start, and not all anew when they change hands.
    const usual = { dueAtMs: performance.now() + everyMs * Math.random(), lookedAtMs: Number.NEGATIVE_INFINITY, troubled: false };
    entries.set(row.id, { ...usual, ...before, row });
    const account = accountUrl(access(row), '');
    accounts.set(account, (accounts.get(account) ?? new Set()).add(row.id));
    turns.wake();
  }

  function remove(id: string): Entry | undefined {
    const entry = entries.get(id);
    if (entry === undefined) return undefined;
    entries.delete(id);
    const account = accountUrl(access(entry.row), '');
    accounts.get(account)?.delete(id);
    if (accounts.get(account)?.size === 0) accounts.delete(account);
    return entry;
  }

  function noticed(url: string, result: ChatwootResult): void {
    const ids = accounts.get(ACCOUNT_URL.exec(url)?.[0] ?? '') ?? [];
    const health = healthOf(result);
    for (const id of ids) {
      const entry = entries.get(id);
      if (entry === undefined || health === 'unknown') continue;
      if (health === 'well' && entry.troubled) soon(entry);
      entry.troubled = health === 'ill';
    }
  }

  return {
    onAcquired(row) {
      remove(row.id);
      add(row, {});
    },
    onChanged(row) {
      const before = remove(row.id);
      if (before !== undefined) add(row, before);
    },
    onStrayDue() {},
    onLost: (id) => void remove(id),
    lookSoon(id) {
      const entry = entries.get(id);
      if (entry !== undefined) soon(entry);
    },
    observe: (transport) => ({
      async request(request) {
        const result = await transport.request(request);
        noticed(request.url, result);
        return result;
      },
    }),
    start: turns.start,
    async stop() {
      await turns.stop();
      await Promise.all(asking.values());
    },
  };
}

const access = (row: IntegrationRow) => ({ baseUrl: row.chatwootBaseUrl, accountId: row.chatwootAccountId });
const hostOf = (row: IntegrationRow): string => new URL(row.chatwootBaseUrl).host;

/** Refusals of single requests tell nothing of the account, but for those of its token. */
function healthOf(result: ChatwootResult): 'well' | 'ill' | 'unknown' {
  if (result.kind === 'failed' || result.status >= 500 || result.status === 401) return 'ill';
  return result.status >= 200 && result.status < 300 ? 'well' : 'unknown';
}
