import type { NextFunction, Request, Response } from 'express';
import { findToken } from './auth.ts';
import { beforeEnd } from './response-end.ts';
import type { World } from './world.ts';

/** A request as it arrived; tokens are told by their owner only. */
export interface RequestRecord {
  readonly id: number;
  readonly method: string;
  readonly path: string;
  readonly query: Record<string, unknown>;
  /** For example `User 1 (Ana)`; null without a known token. */
  readonly owner: string | null;
  /** The `name` in its body, of an inbox for example; null while that is not read, and without one. */
  name: string | null;
  readonly at: number;
  /** Null while it runs, and for ever where no answer was sent. */
  status: number | null;
  /** Kinds of the faults that were applied to it. */
  readonly faults: string[];
}

const KEPT = 50_000;

function ownerOf(world: World, req: Request): string | null {
  const token = findToken(world, req);
  if (!token) return null;
  const { type, id } = token.owner;
  const row = type === 'User' ? world.tables.users.get(id) : type === 'AgentBot' ? world.tables.agentBots.get(id) : undefined;
  return row ? `${type} ${id} (${row.name})` : `${type} ${id}`;
}

const nameIn = (body: unknown): string | null =>
  typeof body === 'object' && body !== null && 'name' in body && typeof body.name === 'string' ? body.name : null;

/** Records every request but the simulator's own control calls. */
export function createRequestLog(world: World) {
  const records: RequestRecord[] = [];
  let lastId = 0;
  return {
    records,
    middleware(req: Request, res: Response, next: NextFunction): void {
      lastId++;
      const record: RequestRecord = {
        id: lastId,
        method: req.method,
        path: req.path,
        query: { ...req.query },
        owner: ownerOf(world, req),
        name: null,
        at: Date.now(),
        status: null,
        faults: [],
      };
      records.push(record);
      if (records.length > KEPT) records.splice(0, records.length - KEPT);
      res.locals.faults = record.faults;
      beforeEnd(res, () => {
        record.status = res.statusCode;
        record.name = nameIn(req.body);
      });
      next();
    },
  };
}
