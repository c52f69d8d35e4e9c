import express, { Router } from 'express';
import { forgetNotificationsSchema } from '../../shared/contracts/notifications.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import type { Notifications } from '../notifications/notifications.ts';

/** What integrations have to tell of themselves, for the worker. */
export function notificationRoutes(notifications: Notifications): Router {
  const router = Router();
  router.post('/v1/notifications/fetch', async (_request, response) => {
    response.json({ notifications: await notifications.fetch() });
  });
  router.post('/v1/notifications/forget', express.json({ limit: '32kb' }), async (request, response) => {
    const told = forgetNotificationsSchema.safeParse(request.body);
    if (!told.success) throw new PonteError('invalid_body', { faults: 'ids: must be a list of at most 200 ids' });
    await notifications.forget(told.data.ids);
    response.json({ success: true });
  });
  return router;
}
