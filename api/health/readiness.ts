import type { ClockWatch } from '../../shared/database/clock-watch.ts';
import { probeFault } from '../../shared/database/disk-full.ts';

/** What a dependency says of itself when asked: it resolves when well, and rejects when not. */
export type Probe = () => Promise<void>;

type Check = 'ok' | 'unavailable' | 'disk full' | 'not configured';

export interface ReadinessReport {
  readonly ready: boolean;
  /** `clock` only where it is off. */
  readonly checks: { readonly database: Check; readonly queue: Check; readonly bridge: Check; readonly clock?: string };
}

export interface Readiness {
  /** Asks at most once a second, however often it is called. */
  report(): Promise<ReadinessReport>;
  /** From now on this process wants no more requests. */
  drain(): void;
  draining(): boolean;
}

const FRESH_FOR_MS = 1_000;
const BRIDGE_TIMEOUT_MS = 1_500;

/**
 * Ready means: the database and the queue answer and we are not shutting down. The bridge and a clock that is off are named but do not count: without
 * the bridge the api still takes messages in and answers clearly, and taking every api out of service would lose just that.
 */
export function createReadiness(probes: {
  database: Probe;
  queue: Probe;
  bridge: Probe | undefined;
  clock: Pick<ClockWatch, 'fault'>;
}): Readiness {
  let draining = false;
  let latest: { at: number; checks: Promise<ReadinessReport['checks']> } | undefined;

  async function check(): Promise<ReadinessReport['checks']> {
    const [database, queue, bridge] = await Promise.all([ask(probes.database), ask(probes.queue), ask(probes.bridge)]);
    const clock = probes.clock.fault();
    return { database, queue, bridge, ...(clock === undefined ? {} : { clock }) };
  }

  return {
    async report() {
      if (latest === undefined || Date.now() - latest.at > FRESH_FOR_MS) latest = { at: Date.now(), checks: check() };
      const checks = await latest.checks;
      return { ready: !draining && checks.database === 'ok' && checks.queue === 'ok', checks };
    },
    drain() {
      draining = true;
    },
    draining: () => draining,
  };
}

async function ask(probe: Probe | undefined): Promise<Check> {
  if (probe === undefined) return 'not configured';
  return probe().then(
    () => 'ok' as const,
    (error: unknown) => probeFault(error),
  );
}

/** Whether anything answers there: another bridge need not have a health endpoint of that name. */
export const bridgeProbe =
  (bridgeUrl: string): Probe =>
  async () => {
    const signal = AbortSignal.timeout(BRIDGE_TIMEOUT_MS);
    const answer = await fetch(`${bridgeUrl}/healthz`, { signal, redirect: 'manual' });
    await answer.body?.cancel();
    if (answer.status >= 500) throw new Error(`HTTP ${answer.status}`);
  };
