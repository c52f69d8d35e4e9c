import { Router } from 'express';
import type { PrismaClient } from '../../shared/database/database.ts';
import { html } from '../html.ts';
import { sendPage } from '../page.ts';
import { activationBody, readActivation } from './detail.ts';
import { listBody } from './list.ts';
import { searchActivations, searchSchema } from './search.ts';

const SECTION = '/admin/activations';

/** `/admin/activations`: finds activations. `/admin/activations/:id`: what happened in one, step by step. */
export function createActivationPages({ prisma }: { prisma: PrismaClient }): Router {
  const router = Router();
  router.get('/', async (request, response) => {
    const search = searchSchema.parse(request.query);
    sendPage(response, {
      title: 'Activations',
      section: SECTION,
      body: listBody(search, await searchActivations(prisma, search)),
    });
  });
  router.get('/:id', async (request, response) => {
    const found = await readActivation(prisma, request.params.id);
    if (found === undefined) {
      const body = html`<p>There is no activation of this id. It goes when its instance is deleted.</p>`;
      return sendPage(response, { title: 'Not found', section: SECTION, body, status: 404 });
    }
    sendPage(response, { title: `Activation of ${found.instance.name}`, section: SECTION, body: activationBody(found) });
  });
  return router;
}
