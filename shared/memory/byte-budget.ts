import { totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';

/** What one piece of work holds of the budget. */
export interface Allotment {
  /** Takes so much more at once, or answers that there is no room for it. */
  tryMore(bytes: number): boolean;
  /**
   * Waits until there is room for what is usual. Before a transfer whose time limits run on while it waits: one that has begun rarely has to.
   */
  begin(): Promise<void>;
  /** Takes so much more as soon as there is room. Whoever has waited longest always goes on in the end; the caller's own deadline bounds it. */
  more(bytes: number): Promise<void>;
  /** Whether a transfer had to wait for `more` room in the middle: then it is not to blame for being slow. */
  hasStalled(): boolean;
  /** Gives all of it back; what still waits goes on, for nothing. */
  release(): void;
}

/** How many bytes of strangers this process holds at a time. */
export interface ByteBudget {
  /** `owner` is on whose account it goes: no one has more than half of it while others want some. */
  open(owner: string): Allotment;
  heldBytes(): number;
}

const MEBIBYTE = 1_048_576;
/** Most files of messages are smaller. */
const USUAL = 8 * MEBIBYTE;
const LEAST = 64 * MEBIBYTE;
const MOST = 256 * MEBIBYTE;
/** As text, parsed, written out again and on the wire a body stands in memory up to five times: three eighths are left for the rest. */
const SHARE = 8;

/** An eighth of what this process may use, from 64 MiB (one body of the largest kind) to 256 MiB. */
export function budgetBytes(): number {
  // 0 or more than there is: nothing constrains it.
  const constrained = process.constrainedMemory();
  const memory = constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
  return Math.round(Math.min(Math.max(Math.min(memory, 2 * getHeapStatistics().heap_size_limit) / SHARE, LEAST), MOST));
}

/** Longer than the rest of this process is busy with anything. */
const STALL_MS = 1_000;

interface Holder {
  readonly owner: string;
  held: number;
  /** Taken, and not used yet. */
  paid: number;
  hasStalled: boolean;
  waiting: { readonly bytes: number; readonly go: () => void } | undefined;
}

/**
 * Bounds what is in the air at once. Whoever can come back is refused (`tryMore`); what is being read anyway waits (`more`). The one that
 * began first is never held up, so that two halves of files cannot wait for each other; for its rest the limit is exceeded.
 */
export function createByteBudget(limitBytes = budgetBytes()): ByteBudget {
  const holders = new Set<Holder>();
  const byOwner = new Map<string, number>();
  let held = 0;

  function charge(holder: Holder, bytes: number): void {
    holder.held += bytes;
    held += bytes;
    const owned = (byOwner.get(holder.owner) ?? 0) + bytes;
    if (owned === 0) byOwner.delete(holder.owner);
    else byOwner.set(holder.owner, owned);
  }

  function isRoom({ owner }: Holder, bytes: number): boolean {
    const owned = byOwner.get(owner) ?? 0;
    return held === 0 || (held + bytes <= limitBytes && (owned === 0 || owned + bytes <= limitBytes / 2));
  }

  function first(): Holder | undefined {
    for (const holder of holders) if (holder.held > 0) return holder;
    return undefined;
  }

  /** In the order in which they began. */
  function goOn(): void {
    for (const holder of holders) {
      const { waiting } = holder;
      if (waiting === undefined || !(holder === first() || isRoom(holder, waiting.bytes))) continue;
      holder.waiting = undefined;
      charge(holder, waiting.bytes);
      waiting.go();
    }
  }

  return {
    open(owner) {
      const holder: Holder = { owner, held: 0, paid: 0, hasStalled: false, waiting: undefined };
      holders.add(holder);
      async function take(bytes: number): Promise<void> {
        if (!holders.has(holder)) return;
        if (holder === first() || isRoom(holder, bytes)) return charge(holder, bytes);
        await new Promise<void>((go) => {
          holder.waiting = { bytes, go };
        });
      }
      return {
        tryMore(bytes) {
          if (!isRoom(holder, bytes)) return false;
          charge(holder, bytes);
          return true;
        },
        async begin() {
          await take(Math.min(USUAL, limitBytes / 8));
          holder.paid = holder.held;
        },
        async more(bytes) {
          const drawn = Math.min(bytes, holder.paid);
          holder.paid -= drawn;
          if (drawn === bytes) return;
          const sinceMs = performance.now();
          await take(bytes - drawn);
          holder.hasStalled ||= performance.now() - sinceMs > STALL_MS;
        },
        hasStalled: () => holder.hasStalled,
        release() {
          if (!holders.delete(holder)) return;
          charge(holder, -holder.held);
          holder.waiting?.go();
          goOn();
        },
      };
    },
    heldBytes: () => held,
  };
}

/** The budget of this process: memory knows no rooms. */
export const byteBudget = createByteBudget();
