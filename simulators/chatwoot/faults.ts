import type { NextFunction, Request, Response } from 'express';
import { applyFault, type FaultAction, type FaultTools, leavesHanging } from './fault-actions.ts';

interface Fault {
  /** Any method where absent. */
  method?: string;
  /** Matched against the path without query; text is the source of a regular expression. Any path where absent. */
  path?: RegExp | string;
  /** Only requests that bring files along. */
  uploads?: boolean;
  /** How many requests it takes before it is used up; until cleared where absent. */
  times?: number;
  /** How many matching requests pass untouched before it starts. */
  skip?: number;
  action: FaultAction;
}

interface ActiveFault {
  readonly id: number;
  /** Requests it was applied to. */
  readonly hits: number;
  clear(): void;
}

export interface FaultControl {
  /** Adds a fault; several may match one request, and apply in the order they were added. */
  add(fault: Fault): ActiveFault;
  /** Removes all faults, and lets go of connections that hang. */
  clear(): void;
  list(): { id: number; method: string; path: string; remaining: number | null; hits: number; kind: FaultAction['kind'] }[];
}

interface Entry {
  id: number;
  method: string | null;
  path: RegExp;
  uploads: boolean;
  remaining: number;
  skip: number;
  hits: number;
  action: FaultAction;
}

/** The faults that are set, in the order they were added. `released` runs when all are cleared. */
function createFaultList(released: () => void) {
  const entries: Entry[] = [];
  let lastId = 0;
  const remove = (id: number): void => {
    const index = entries.findIndex((entry) => entry.id === id);
    if (index >= 0) entries.splice(index, 1);
  };
  const control: FaultControl = {
    add(fault) {
      lastId++;
      const entry: Entry = {
        id: lastId,
        method: fault.method?.toUpperCase() ?? null,
        path: new RegExp(fault.path ?? '', fault.path instanceof RegExp ? fault.path.flags.replace(/[gy]/g, '') : ''),
        uploads: fault.uploads ?? false,
        remaining: fault.times ?? Number.POSITIVE_INFINITY,
        skip: fault.skip ?? 0,
        hits: 0,
        action: fault.action,
      };
      entries.push(entry);
      return {
        id: entry.id,
        get hits() {
          return entry.hits;
        },
        clear: () => remove(entry.id),
      };
    },
    clear() {
      entries.length = 0;
      released();
    },
    list: () => entries.map(describeEntry),
  };
  /** The faults that apply to this request, which counts as one of theirs. */
  const take = (req: Request): FaultAction[] =>
    entries
      .filter((entry) => (entry.method ?? req.method) === req.method && entry.path.test(req.path))
      .filter((entry) => !entry.uploads || /^multipart\//i.test(req.get('content-type') ?? ''))
      .filter((entry) => {
        if (entry.skip > 0) {
          entry.skip--;
          return false;
        }
        entry.hits++;
        entry.remaining--;
        if (entry.remaining <= 0) remove(entry.id);
        return true;
      })
      .map((entry) => entry.action);
  return { control, take };
}

const describeEntry = (entry: Entry) => ({
  id: entry.id,
  method: entry.method ?? '*',
  path: entry.path.source,
  remaining: Number.isFinite(entry.remaining) ? entry.remaining : null,
  hits: entry.hits,
  kind: entry.action.kind,
});

/** The switchboard of faults: a control for tests, and the middleware that applies them before anything else sees a request. */
export function createFaults(troubleOf: FaultTools['troubleOf'] = () => null) {
  const held = new Set<Request['socket']>();
  const timers = new Set<NodeJS.Timeout>();
  function release(): void {
    for (const timer of timers) clearTimeout(timer);
    for (const socket of held) socket.destroy();
    timers.clear();
    held.clear();
  }
  const { control, take } = createFaultList(release);
  const tools: FaultTools = {
    troubleOf,
    later(afterMs, then) {
      if (afterMs === 0) {
        then();
        return;
      }
      const timer = setTimeout(() => {
        timers.delete(timer);
        then();
      }, afterMs);
      timers.add(timer);
    },
  };

  function middleware(req: Request, res: Response, next: NextFunction): void {
    const actions = take(req);
    if (Array.isArray(res.locals.faults)) res.locals.faults.push(...actions.map((action) => action.kind));
    let waitMs = 0;
    for (const action of actions) {
      if (leavesHanging(action.kind)) {
        held.add(req.socket);
        req.socket.once('close', () => held.delete(req.socket));
      }
      const pause = applyFault(action, req, res, tools);
      if (pause === null) return;
      waitMs += pause;
    }
    tools.later(waitMs, next);
  }

  return { control, middleware, release };
}
