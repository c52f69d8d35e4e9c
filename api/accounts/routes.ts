import { Router } from 'express';
import type { PrismaClient } from '../../shared/database/database.ts';
import type { Guards } from '../auth/guards.ts';
import { createRenewAccountToken } from '../auth/token-endpoints.ts';
import { route } from '../http/routes.ts';

/** `/api/account`. */
export function createAccountRoutes(deps: { prisma: PrismaClient; guards: Guards }): Router {
  const router = Router();
  route(router, '/token', { post: deps.guards.account(createRenewAccountToken(deps)) });
  return router;
}
