import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Completion } from '../../api/activation/completion-waiter.ts';
import { createHostTurns, HELD_AT_MOST_MS, type Held, type Place, WRITE_EVERY_MS } from '../../api/activation/host-turns.ts';
import { type ActivationError, activationError } from '../../shared/activations/error.ts';

const URL_A = 'https://a.example';
const SUCCEEDED: Completion = {
  kind: 'settled',
  outcome: { state: 'succeeded', bridgeIntegrationId: 'b', previousInbox: undefined, oldRelease: null },
};
const failed = (error: ActivationError): Completion => ({ kind: 'settled', outcome: { state: 'failed', error } });
const UNREACHABLE = activationError('chatwoot_unreachable', { url: URL_A, detail: 'timeout' });
const HANGS: ActivationError = { ...UNREACHABLE, retryAfterSeconds: 30, hostHangs: true };

/** Turns of hosts, and what has come of those who wanted one. */
function scene() {
  const places: { readonly name: string; readonly place: Place | undefined }[] = [];
  const told: string[] = [];
  const written: string[] = [];
  const turns = createHostTurns<Held & { name: string }>({ tell: (held) => told.push(...held.map(({ name }) => name)) });
  return {
    turns,
    told,
    written,
    /** Who has had its turn, in this order. */
    gone: () => places.map(({ name }) => name),
    want(name: string, { url = URL_A, accountId = 'A' } = {}): void {
      const place = turns.take(url);
      const go = (its?: Place): void => void places.push({ name, place: its });
      if (place === undefined) turns.hold(url, { name, accountId, go, written: async () => void written.push(name) });
      else go(place);
    },
    end(name: string, completion?: Completion): void {
      places.find((one) => one.name === name)?.place?.leave(completion);
    },
  };
}
const names = (count: number, from = 0): string[] => Array.from({ length: count }, (_, index) => `${from + index}`);

describe('whose job is queued now', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('eight against a Chatwoot of which nothing is known; the others in their turn, and another Chatwoot does not notice', () => {
    const { want, end, gone } = scene();
    for (const name of names(20)) want(name);
    expect(gone()).toEqual(names(8));
    want('elsewhere', { url: 'https://b.example' });
    expect(gone().at(-1)).toBe('elsewhere');
    end('3', failed(UNREACHABLE));
    end('3', failed(UNREACHABLE));
    end('5');
    expect(gone().slice(9)).toEqual(['8', '9']);
  });

  it('more and more against one that answers, at most 128', () => {
    const { want, end, gone } = scene();
    for (const name of names(1_000)) want(name);
    let ended = 0;
    let most = 8;
    while (ended < 700) {
      end(`${ended}`, SUCCEEDED);
      ended += 1;
      most = Math.max(most, gone().length - ended);
    }
    expect(most).toBe(128);
  });

  it('accounts take turns: one with a single activation does not wait behind hundreds of another', () => {
    const { want, end, gone } = scene();
    for (const name of names(300)) want(name);
    want('single', { accountId: 'B' });
    for (const name of names(3)) end(name);
    expect(gone().slice(8)).toContain('single');
  });

  it('nobody who comes later goes before those that wait', () => {
    const { want, end, gone } = scene();
    for (const name of names(9)) want(name);
    end('0');
    want('later');
    expect(gone()).toEqual(names(9));
    end('1');
    expect(gone().at(-1)).toBe('later');
  });

  it('who waits hears it as soon as one is told that its Chatwoot hangs, and is not queued any more', () => {
    const { want, end, gone, told } = scene();
    for (const name of names(500)) want(name);
    for (const name of names(3)) end(name, failed(UNREACHABLE));
    expect(told).toEqual([]);
    end('3', failed(HANGS));
    expect(told).toEqual(names(500 - 11, 11));
    vi.advanceTimersByTime(HELD_AT_MOST_MS);
    expect(gone()).toEqual(names(11));
    // The next one tries it.
    want('new');
    expect(gone().at(-1)).toBe('new');
  });

  it('the rows of those that wait are written one by one, accounts in turn, and none twice', () => {
    const { want, end, written } = scene();
    for (const name of names(300)) want(name);
    want('single', { accountId: 'B' });
    // Who goes before has no need of it.
    end('0');
    expect(written).toEqual([]);
    vi.advanceTimersByTime(WRITE_EVERY_MS);
    expect(written).toEqual(['single']);
    vi.advanceTimersByTime(3 * WRITE_EVERY_MS);
    expect(written).toEqual(['single', '9', '10', '11']);
    vi.advanceTimersByTime(400 * WRITE_EVERY_MS);
    expect(written).toHaveLength(292);
    expect(new Set(written).size).toBe(292);
  });

  it('everybody after 27 s, whatever has become of those before', () => {
    const { want, end, gone } = scene();
    for (const name of names(20)) want(name);
    vi.advanceTimersByTime(HELD_AT_MOST_MS - 1);
    expect(gone()).toHaveLength(8);
    vi.advanceTimersByTime(1);
    expect(gone()).toEqual(names(20));
    // They count as under way, and none of them goes twice.
    want('20');
    for (const name of names(12)) end(name);
    expect(gone()).toEqual(names(20));
    end('12');
    expect(gone()).toEqual(names(21));
  });

  it('everybody at once when the process stops, also those that come then', () => {
    const { turns, want, gone } = scene();
    for (const name of names(40)) want(name);
    turns.stop();
    want('40');
    expect(gone()).toEqual(names(41));
    vi.advanceTimersByTime(HELD_AT_MOST_MS);
    expect(gone()).toHaveLength(41);
  });
});
