import type { Response } from 'express';

/** Runs `before` when the answer is about to be sent, which is before the caller can know of it. */
export function beforeEnd(res: Response, before: () => void): void {
  const end: unknown = res.end;
  if (typeof end !== 'function') return;
  Object.assign(res, {
    end: (...args: unknown[]): unknown => {
      before();
      return Reflect.apply(end, res, args);
    },
  });
}
