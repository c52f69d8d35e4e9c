import express, { type RequestHandler, Router } from 'express';
import { FAILED_LOGINS_RETRY_SECONDS } from '../../shared/auth/failed-logins.ts';
import { createLoginAttempts } from '../../shared/auth/login-attempts.ts';
import { createToken } from '../../shared/auth/tokens.ts';
import type { PrismaClient } from '../../shared/database/database.ts';
import { createFormTokens } from '../form-token.ts';
import { createAssetRoutes } from '../looks/assets.ts';
import { pageSecurity } from '../security.ts';
import type { Cookies } from './cookies.ts';
import { createPageErrors, pageNotFound } from './errors.tsx';
import { Front } from './front.tsx';
import { createInstancePages, type InstancePagesDeps } from './instance/pages.tsx';
import { createListPages } from './instances/pages.tsx';
import { createNewInstancePages } from './new-instance/pages.tsx';
import { type PageResponse, sendPage, type Viewer, viewerOf, wantsPart } from './page.tsx';
import { createSessions, SESSION_MS } from './sessions.ts';
import { createTokenPages } from './tokens/account-pages.tsx';
import type { Holder } from './use-cases.ts';
import { createWebhookPages } from './webhooks/pages.tsx';

export interface ConsoleDeps extends InstancePagesDeps {
  readonly cookies: Cookies;
  readonly language: RequestHandler;
  /** The limit of the REST api: what is done here counts like what is done there. */
  readonly rateLimit: RequestHandler;
}

const FORM_LIMIT = '16kb';

/** The console of account holders, at `/`: what it is for those without a session, their instances for those with one. */
export function createConsoleRoutes(deps: ConsoleDeps): Router {
  const { prisma, cookies, useCases } = deps;
  const sessions = createSessions({ prisma, holderOf: useCases.holderOf });
  const attempts = createLoginAttempts({ prisma, of: 'holders' });
  const router = Router();
  router.use(createAssetRoutes());

  const pages = Router();
  pages.use(noStore, pageSecurity, deps.language, express.urlencoded({ extended: false, limit: FORM_LIMIT }));

  /** Who is logged in, where somebody is. */
  pages.use(async (request, response: PageResponse, next) => {
    const secret = cookies.read(request, 'session');
    const holder = secret === undefined ? undefined : await sessions.find(secret);
    if (secret !== undefined && holder !== undefined) {
      // By this the rate limit counts, and the log tells who it was.
      response.locals.caller = holder;
      response.locals.viewer = await viewerFor(prisma, holder, secret);
    }
    next();
  });

  function showFront(
    request: express.Request,
    response: PageResponse,
    shown: { fault?: string; notice?: string; status?: number },
  ): void {
    // Without a session there is no secret between us and the browser yet.
    const secret = cookies.read(request, 'form') ?? createToken('session');
    cookies.write(request, response, 'form', secret);
    const { ui } = response.locals;
    const formToken = createFormTokens(secret).issue('/login');
    sendPage(response, {
      title: ui.t.tagline,
      status: shown.status ?? 200,
      children: <Front ui={ui} formToken={formToken} fault={shown.fault} notice={shown.notice} />,
    });
  }

  pages.get('/', (request, response: PageResponse, next) => {
    const { viewer, ui } = response.locals;
    if (viewer?.kind === 'instance') return response.redirect(303, `/instances/${viewer.name}`);
    if (viewer !== undefined) return next();
    showFront(request, response, { notice: request.query.done === 'logout' ? ui.t.front.loggedOut : undefined });
  });

  pages.post('/login', async (request, response: PageResponse) => {
    const { t } = response.locals.ui;
    createFormTokens(cookies.read(request, 'form') ?? createToken('session')).expect(request);
    if (!(await attempts.begin(request))) {
      response.setHeader('Retry-After', String(FAILED_LOGINS_RETRY_SECONDS));
      return showFront(request, response, { fault: t.front.tooMany, status: 429 });
    }
    const { secret: token } = request.body as { secret?: unknown };
    const secret = typeof token === 'string' ? await sessions.begin(token.trim().slice(0, 600)) : undefined;
    if (secret === undefined) return showFront(request, response, { fault: t.front.wrong, status: 401 });
    await attempts.succeeded(request);
    cookies.clear(request, response, 'form');
    cookies.write(request, response, 'session', secret, SESSION_MS);
    response.redirect(303, '/');
  });

  /** For whoever has just renewed the token he is logged in with: another session, by the new one. */
  async function goOnWith(token: string, request: express.Request, response: PageResponse): Promise<void> {
    const secret = await sessions.begin(token);
    const holder = secret === undefined ? undefined : await sessions.find(secret);
    if (secret === undefined || holder === undefined) return;
    await sessions.end(cookies.read(request, 'session') ?? '');
    cookies.write(request, response, 'session', secret, SESSION_MS);
    response.locals.viewer = await viewerFor(prisma, holder, secret);
  }

  // From here on somebody is logged in.
  pages.use((request, response: PageResponse, next) => {
    if (response.locals.viewer !== undefined) return next();
    cookies.clear(request, response, 'session');
    if (wantsPart(request)) response.setHeader('HX-Redirect', '/').status(401).end();
    else response.redirect(303, '/');
  });
  pages.post(/.*/, deps.rateLimit);
  pages.post('/logout', async (request, response: PageResponse) => {
    viewerOf(response).forms.expect(request);
    await sessions.end(cookies.read(request, 'session') ?? '');
    cookies.clear(request, response, 'session');
    response.redirect(303, '/?done=logout');
  });
  pages.use(createListPages(deps));
  pages.use('/tokens', createTokenPages({ ...deps, goOnWith }));
  pages.use('/notifications', createWebhookPages(deps));
  pages.use('/new', createNewInstancePages(deps));
  pages.use('/instances/:key', createInstancePages(deps));
  pages.use(pageNotFound, createPageErrors());

  router.use((request, response, next) => {
    if (!isOurs(request)) return next();
    response.locals.route = 'console';
    pages(request, response, next);
  });
  return router;
}

const PATHS = /^\/(login|logout|new|instances|tokens|notifications)(\/|$)/;

/** A program that asks for `/` is told of no page, as always; a browser says that it wants HTML. */
const isOurs = (request: express.Request): boolean =>
  request.path === '/' ? request.accepts(['application/json', 'text/html']) === 'text/html' : PATHS.test(request.path);

/** What is shown is one person's, and may hold a token that is shown once. */
const noStore: RequestHandler = (_request, response, next) => {
  response.setHeader('Cache-Control', 'no-store');
  next();
};

async function viewerFor(prisma: PrismaClient, holder: Holder, secret: string): Promise<Viewer> {
  const forms = createFormTokens(secret, { validForMs: SESSION_MS });
  if (holder.kind === 'instance') {
    const scope = { id: holder.instanceId, accountId: holder.accountId };
    return { kind: 'instance', accountId: undefined, name: holder.instanceName, scope, base: '', forms, holdsOldToken: false };
  }
  const { accountId } = holder;
  const account = await prisma.account.findUnique({ where: { id: accountId }, select: { name: true } });
  return {
    kind: 'account',
    accountId,
    name: account?.name ?? '',
    scope: { accountId },
    base: '',
    forms,
    holdsOldToken: !holder.isCurrent,
  };
}
