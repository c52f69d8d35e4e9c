import { backoffMs } from '../../shared/backoff.ts';
import type { Logger } from '../../shared/logging/logger.ts';
import { createTurns } from '../../shared/turns.ts';
import { isFinal } from '../chatwoot/final-answers.ts';
import type { ChatwootResult, ChatwootTransport } from '../chatwoot/transport.ts';
import type { LeaseHolder } from '../leases/leases.ts';
import type { BridgeTimeouts } from '../timeouts.ts';
import { accountOf, type IntegrationRow } from './store.ts';

/** Looks at the inboxes of the integrations that are run here, now and then, and soon after any trouble. */
export interface InboxWatch extends LeaseHolder {
  /** Something was amiss with this integration, such as a webhook that was refused. */
  lookSoon(id: string): void;
  /** Something was found of which no webhook had told: it may yet find nobody, and Chatwoot show as failed what was sent. */
  lookAfterwards(id: string): void;
  /** Nobody has taken webhooks for a while. */
  suspectAll(): void;
  /** The same way to Chatwoot; when an account answers again that did not, its inboxes are looked at. */
  observe(transport: ChatwootTransport): ChatwootTransport;
  start(): void;
  stop(): Promise<void>;
}

interface Entry {
  row: IntegrationRow;
  /** Of its Chatwoot. */
  host: string;
  /** Of `performance.now()`. */
  dueAtMs: number;
  lookedAtMs: number;
  /** Something was amiss since the last look: Chatwoot may have told things to nobody. */
  isSuspect: boolean;
  /** The last time something was amiss, of `performance.now()`: what that leads to in Chatwoot is seen by a look some time later. */
  amissAtMs: number;
  /** Looks that failed in a row. */
  failures: number;
}

/**
 * What came of a look: `unfinished` where there is more than one turn may take, and the next goes on; one that `failed`, be it for Chatwoot
 * or our own database, is repeated after growing pauses.
 */
export type Looked = 'done' | 'unfinished' | 'failed';
export type Look = (
  row: IntegrationRow,
  options: { readonly isSuspect: boolean; readonly signal: AbortSignal },
) => Promise<Looked>;

/** An account of a Chatwoot. */
interface Account {
  readonly ids: Set<string>;
  /** It has not answered as it should, the last time. */
  isTroubled: boolean;
}

/** Hosts that are asked at the same time; each host is asked for one inbox at a time. */
const MOST_HOSTS = 8;
/** Where messages were relayed within this, some may have been lost while nobody ran the integration. */
const BUSY_MS = 30 * 60_000;
const ACCOUNT_URL = /^.*?\/api\/v1\/accounts\/\d+(?=[/?]|$)/;

export function createInboxWatch(deps: { look: Look; timing: BridgeTimeouts['inboxLook']; logger: Logger }): InboxWatch {
  const { everyMs, spreadMs, soonMs, soonAgainMs, aftermathMs } = deps.timing;
  const entries = new Map<string, Entry>();
  const accounts = new Map<string, Account>();
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
      const { host } = entry;
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
      lookInTheAftermath(entry);
      const { isSuspect } = entry;
      entry.isSuspect = false;
      const looked = await lookAt(entry, { isSuspect, signal });
      entry.failures = looked === 'failed' ? entry.failures + 1 : 0;
      if (looked === 'failed') again(entry, isSuspect);
      if (looked === 'unfinished') soon(entry);
    }
    asking.delete(host);
    turns.wake();
  }

  async function lookAt({ row }: Entry, options: Parameters<Look>[1]): Promise<Looked> {
    try {
      return await deps.look(row, options);
    } catch (error) {
      deps.logger.warn({ integrationId: row.id, reason: String(error) }, 'an inbox could not be looked at');
      return 'failed';
    }
  }

  function dueAt(host: string): Entry | undefined {
    const nowMs = performance.now();
    return [...entries.values()].find((entry) => entry.dueAtMs <= nowMs && entry.host === host);
  }

  function lookInTheAftermath(entry: Entry): void {
    const atMs = entry.amissAtMs + aftermathMs;
    if (atMs <= entry.lookedAtMs || atMs >= entry.dueAtMs) return;
    entry.dueAtMs = atMs;
    turns.wake();
  }

  function again(entry: Entry, isSuspect: boolean): void {
    entry.isSuspect ||= isSuspect;
    const pauseMs = backoffMs({ firstMs: soonAgainMs, maxMs: everyMs }, entry.failures);
    entry.dueAtMs = Math.min(entry.dueAtMs, performance.now() + pauseMs);
  }

  function soon(entry: Entry): void {
    entry.isSuspect = true;
    entry.amissAtMs = performance.now();
    const atMs = Math.max(performance.now() + soonMs, entry.lookedAtMs + soonAgainMs);
    if (atMs >= entry.dueAtMs) return;
    entry.dueAtMs = atMs;
    turns.wake();
  }

  /** Not all at once after a start, and not all anew when they change hands. */
  function newEntry(row: IntegrationRow): Entry {
    const nowMs = performance.now();
    const never = Number.NEGATIVE_INFINITY;
    const isSuspect = isBusy(row);
    const usual = { row, host: hostOf(row), lookedAtMs: never, isSuspect, failures: 0 };
    return isSuspect
      ? { ...usual, dueAtMs: nowMs + soonMs * (1 + Math.random()), amissAtMs: nowMs }
      : { ...usual, dueAtMs: nowMs + everyMs * Math.random(), amissAtMs: never };
  }

  function add(entry: Entry, isTroubled = false): void {
    const { row } = entry;
    entries.set(row.id, entry);
    const url = accountOf(row);
    const account = accounts.get(url) ?? { ids: new Set(), isTroubled };
    account.ids.add(row.id);
    accounts.set(url, account);
    turns.wake();
  }

  function remove(id: string): void {
    const entry = entries.get(id);
    if (entry === undefined) return;
    entries.delete(id);
    const url = accountOf(entry.row);
    accounts.get(url)?.ids.delete(id);
    if (accounts.get(url)?.ids.size === 0) accounts.delete(url);
  }

  function noticed(url: string, result: ChatwootResult): void {
    const account = accounts.get(ACCOUNT_URL.exec(url)?.[0] ?? '');
    const health = healthOf(result);
    if (account === undefined || health === 'unknown') return;
    const { isTroubled } = account;
    account.isTroubled = health === 'ill';
    if (health === 'ill' || !isTroubled) return;
    for (const id of account.ids) {
      const entry = entries.get(id);
      if (entry !== undefined) soon(entry);
    }
  }

  return {
    onAcquired(row) {
      remove(row.id);
      add(newEntry(row));
    },
    onChanged(row) {
      // The same entry: a look may be under way, and what comes of it is noted there.
      const entry = entries.get(row.id);
      if (entry === undefined) return;
      const isTroubled = accounts.get(accountOf(entry.row))?.isTroubled;
      remove(row.id);
      add(Object.assign(entry, { row, host: hostOf(row) }), isTroubled);
    },
    onStrayDue() {},
    onLost: remove,
    lookSoon(id) {
      const entry = entries.get(id);
      if (entry !== undefined) soon(entry);
    },
    lookAfterwards(id) {
      const entry = entries.get(id);
      if (entry === undefined) return;
      entry.amissAtMs = performance.now();
      lookInTheAftermath(entry);
    },
    suspectAll() {
      for (const entry of entries.values()) soon(entry);
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

/** Something was relayed just now, or it is to be found out where looking in an inbox that was taken over begins. */
function isBusy({ lastToChatwootAt, lastToWhatsappAt, caughtUpTo, adoptedAt }: IntegrationRow): boolean {
  const since = Date.now() - BUSY_MS;
  return [lastToChatwootAt, lastToWhatsappAt, caughtUpTo === null ? adoptedAt : null].some(
    (at) => at != null && at.getTime() > since,
  );
}

const hostOf = (row: IntegrationRow): string => new URL(row.chatwootBaseUrl).host;

/** Refusals of single requests tell nothing of the account, but for those of its token. */
function healthOf(result: ChatwootResult): 'well' | 'ill' | 'unknown' {
  if (result.kind === 'failed' || result.status >= 500 || result.status === 401) return 'ill';
  // Its database, Redis or disk: what it has just stored may be told to nobody.
  if (result.status === 422 && result.method !== 'GET' && !isFinal(result)) return 'ill';
  return result.status >= 200 && result.status < 300 ? 'well' : 'unknown';
}
