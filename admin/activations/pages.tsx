import { Router } from 'express';
import type { PrismaClient } from '../../shared/database/database.ts';
import { type PageResponse, sendTitledPage } from '../console/page.tsx';
import { ActivationDetail, readActivation } from './detail.tsx';
import { ActivationList } from './list.tsx';
import { searchActivations, searchSchema } from './search.ts';

const SECTION = '/admin/activations';

/** `/admin/activations`: finds activations. `/admin/activations/:id`: what happened in one, step by step. */
export function createActivationPages({ prisma }: { prisma: PrismaClient }): Router {
  const router = Router();
  router.get('/', async (request, response: PageResponse) => {
    const { ui } = response.locals;
    const search = searchSchema.parse(request.query);
    const found = await searchActivations(prisma, search);
    const title = ui.t.nav.activations;
    sendTitledPage(response, {
      title,
      section: SECTION,
      children: <ActivationList ui={ui} search={search} found={found} />,
    });
  });
  router.get('/:id', async (request, response: PageResponse) => {
    const { ui } = response.locals;
    const row = await readActivation(prisma, request.params.id);
    const title = row === undefined ? ui.t.error.notFound : ui.t.operators.activationOf(row.instance.name);
    sendTitledPage(response, {
      title,
      section: SECTION,
      status: row === undefined ? 404 : 200,
      children: row === undefined ? <p class="card">{ui.t.operators.activationGone}</p> : <ActivationDetail ui={ui} row={row} />,
    });
  });
  return router;
}
