import express, { Router } from 'express';
import { overviewRequestSchema } from '../../shared/contracts/overview.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import type { Overview } from '../integrations/overview.ts';

const SANE_ID = /^[\w-]{1,60}$/;

/** What the console shows of many integrations at once. */
export function overviewRoutes(overview: Overview): Router {
  const router = Router();
  router.post('/v1/overview', express.json({ limit: '32kb' }), async (request, response) => {
    const asked = overviewRequestSchema.safeParse(request.body);
    if (!asked.success) throw new PonteError('invalid_body', { faults: 'ids: must be a list of at most 200 ids' });
    response.json({ integrations: await overview.of(asked.data.ids.filter((id) => SANE_ID.test(id))) });
  });
  router.get('/v1/overview/troubled', async (_request, response) => {
    response.json({ ids: await overview.troubled() });
  });
  router.get('/v1/integrations/:id/traffic', async (request, response) => {
    if (!SANE_ID.test(request.params.id)) throw new PonteError('integration_not_found');
    response.json(await overview.traffic(request.params.id));
  });
  return router;
}
