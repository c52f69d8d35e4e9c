import { Router } from 'express';
import type { PrismaClient } from '../../shared/database/database.ts';
import type { Keyring } from '../../shared/encryption/keyring.ts';
import type { Guards } from '../auth/guards.ts';
import { route } from '../http/routes.ts';
import { createInstanceList } from './list.ts';
import { createNewInstance } from './new.ts';

/** `/api/instance`. */
export function createInstanceRoutes(deps: { prisma: PrismaClient; keyring: Keyring; guards: Guards }): Router {
  const { guards } = deps;
  const router = Router();
  route(router, '/new', { post: guards.account(createNewInstance(deps)) });
  route(router, '/list', { get: guards.customer(createInstanceList(deps)) });
  return router;
}
