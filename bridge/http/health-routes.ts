import { Router } from 'express';
import type { ClockWatch } from '../../shared/database/clock-watch.ts';
import { probeFault } from '../../shared/database/disk-full.ts';

/** `/healthz`: the process lives. `/readyz`: it can work, because its database answers and it is not on its way out. A clock that is off is named and does not count. */
export function healthRoutes(deps: {
  ping: () => Promise<void>;
  isStopping: () => boolean;
  clock: Pick<ClockWatch, 'fault'>;
}): Router {
  const router = Router();
  router.get('/healthz', (_request, response) => {
    response.json({ status: 'ok' });
  });
  router.get('/readyz', async (_request, response) => {
    const database = await deps.ping().then(() => 'ok' as const, probeFault);
    const clock = deps.clock.fault();
    const status = deps.isStopping() ? 'draining' : database === 'ok' ? 'ready' : 'unready';
    response
      .status(status === 'ready' ? 200 : 503)
      .json({ status, checks: { database, ...(clock === undefined ? {} : { clock }) } });
  });
  return router;
}
