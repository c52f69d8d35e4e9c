/** One that is under way, or wants to be. */
export interface Passenger {
  /** Of its row and its job. */
  readonly id: string;
  readonly createdAtMs: number;
}

interface Waiting extends Passenger {
  /** Until then it is expected back; later, another worker has it or it has ended. */
  untilMs: number;
  called: boolean;
}

interface Lane {
  inFlight: number;
  readonly waiting: Map<string, Waiting>;
}

/**
 * Lanes of limited width, which is asked for anew each time, one for each key: how many are in each, and who waits for it, in the order in which
 * they were created. Who waits holds nothing but an entry here, and is expected to come back and ask again: within `comeBackMs` once it was called.
 */
export function createLanes({
  width,
  comeBackMs,
  now,
}: {
  width: (key: string) => number;
  comeBackMs: number;
  now: () => number;
}) {
  const lanes = new Map<string, Lane>();

  function laneOf(key: string): Lane {
    const lane = lanes.get(key) ?? { inFlight: 0, waiting: new Map() };
    lanes.set(key, lane);
    return lane;
  }

  /** Those who are still expected. */
  function expectedIn(lane: Lane): Waiting[] {
    const at = now();
    for (const [id, { untilMs }] of lane.waiting) if (untilMs < at) lane.waiting.delete(id);
    return [...lane.waiting.values()];
  }

  /** Whose turn has come, each told once: as many as there is room for, or all. */
  function call(key: string, { all }: { all: boolean }): string[] {
    const lane = lanes.get(key);
    if (lane === undefined) return [];
    const room = all ? lane.waiting.size : Math.max(0, width(key) - lane.inFlight);
    const turn = expectedIn(lane)
      .sort(byAge)
      .slice(0, room)
      .filter(({ called }) => !called);
    const backBy = now() + comeBackMs;
    for (const waiting of turn) {
      waiting.called = true;
      // One that was called and does not come has gone elsewhere: no place is kept for it.
      waiting.untilMs = Math.min(waiting.untilMs, backBy);
    }
    return turn.map(({ id }) => id);
  }

  return {
    inFlight: (key: string): number => lanes.get(key)?.inFlight ?? 0,
    inFlightOfAll: (): number => [...lanes.values()].reduce((sum, { inFlight }) => sum + inFlight, 0),
    /**
     * After how many whole turns of the lane it would be this one's: 0 where there is room now, also for everybody older who waits for it.
     */
    turnsAhead(key: string, passenger: Passenger): number {
      const lane = lanes.get(key);
      if (lane === undefined) return 0;
      const ahead = expectedIn(lane).filter((waiting) => byAge(waiting, passenger) < 0).length;
      return Math.floor((lane.inFlight + ahead) / width(key));
    },
    enter(key: string): void {
      laneOf(key).inFlight += 1;
    },
    leave(key: string): void {
      const lane = laneOf(key);
      lane.inFlight -= 1;
      if (lane.inFlight === 0 && expectedIn(lane).length === 0) lanes.delete(key);
    },
    wait(key: string, { id, createdAtMs }: Passenger, untilMs: number): void {
      laneOf(key).waiting.set(id, { id, createdAtMs, untilMs, called: false });
    },
    stopWaiting(key: string, id: string): void {
      lanes.get(key)?.waiting.delete(id);
    },
    call,
    /** Whose turn has come in any of them. */
    callEach: (): string[] => [...lanes.keys()].flatMap((key) => call(key, { all: false })),
    /** Forgets the lanes in which nobody is and for which nobody waits any more. */
    sweep(): void {
      for (const [key, lane] of lanes) if (lane.inFlight === 0 && expectedIn(lane).length === 0) lanes.delete(key);
    },
  };
}

export type Lanes = ReturnType<typeof createLanes>;

const byAge = (left: Passenger, right: Passenger): number =>
  left.createdAtMs - right.createdAtMs || (left.id < right.id ? -1 : Number(left.id > right.id));
