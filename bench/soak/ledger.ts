import { percentile } from '../relay/percentile.ts';

/** What was lost, doubled or left behind when everything had come to its end, and whether all that must hold did. */
export interface RoundResult {
  readonly lost: number;
  readonly doubled: number;
  readonly orphaned: number;
  readonly held: boolean;
}

/** The books of a soak, by the kind of fault. */
export interface Ledger {
  /** One was injected; after its end it took so long until every process was ready again, undefined where that was too long. */
  injected(fault: string, recoveryMs: number | undefined): void;
  /** The end of a round: what it found is on the account of each fault in it, since nobody can tell which it was. */
  ended(result: RoundResult): void;
  /** One row a kind of fault. */
  table(): Record<string, object>;
}

interface Account {
  times: number;
  readonly recoveriesMs: number[];
  lost: number;
  doubled: number;
  orphaned: number;
  held: boolean;
}

const seconds = (ms: number): string => (Number.isFinite(ms) ? `${(ms / 1_000).toFixed(1)} s` : 'not in time');

export function createLedger(): Ledger {
  const accounts = new Map<string, Account>();
  const inRound = new Set<Account>();
  return {
    injected(fault, recoveryMs = Number.POSITIVE_INFINITY) {
      const account = accounts.get(fault) ?? { times: 0, recoveriesMs: [], lost: 0, doubled: 0, orphaned: 0, held: true };
      accounts.set(fault, account);
      inRound.add(account);
      account.times += 1;
      account.recoveriesMs.push(recoveryMs);
    },
    ended({ lost, doubled, orphaned, held }) {
      for (const account of inRound) {
        account.lost += lost;
        account.doubled += doubled;
        account.orphaned += orphaned;
        account.held &&= held;
      }
      inRound.clear();
    },
    table: () =>
      Object.fromEntries(
        [...accounts]
          .sort(([one], [other]) => one.localeCompare(other))
          .map(([fault, { times, recoveriesMs, held, ...counts }]) => [
            fault,
            {
              injected: times,
              'recovery (median)': seconds(percentile(recoveriesMs, 0.5)),
              '(worst)': seconds(percentile(recoveriesMs, 1)),
              ...counts,
              held: held ? 'yes' : 'NO',
            },
          ]),
      ),
  };
}
