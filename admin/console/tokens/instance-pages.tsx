import { type Request, Router } from 'express';
import type { ComponentChildren } from 'preact';
import type { PrismaClient } from '../../../shared/database/database.ts';
import { PonteError } from '../../../shared/errors/ponte-error.ts';
import { listPath } from '../instances/list.tsx';
import type { InstanceView } from '../instances/read.ts';
import { type PageResponse, sendTitledPage, type Viewer } from '../page.tsx';
import type { UseCases } from '../use-cases.ts';
import { RenewForm, RevokeForm, renewalIn, ShownToken, TokenState } from './views.tsx';

/** `…/token` of an instance: renewed and revoked by its account, as over the REST api. */
export function createInstanceTokenPages(deps: {
  prisma: PrismaClient;
  useCases: Pick<UseCases, 'renewInstanceToken' | 'revokeInstanceToken'>;
  instanceOf: (request: Request, response: PageResponse) => Promise<{ viewer: Viewer; view: InstanceView; path: string }>;
}): Router {
  const { prisma, useCases } = deps;
  const router = Router({ mergeParams: true });

  async function ownedBy(request: Request, response: PageResponse) {
    const found = await deps.instanceOf(request, response);
    if (found.viewer.kind === 'instance') throw new PonteError('account_token_required');
    return found;
  }

  function send(response: PageResponse, viewer: Viewer, view: InstanceView, children: ComponentChildren, status = 200): void {
    const { ui } = response.locals;
    const title = ui.t.tokens.ofInstance(view.name);
    sendTitledPage(response, {
      title,
      section: listPath(viewer),
      status,
      children,
    });
  }

  async function show(request: Request, response: PageResponse, isWrong = false): Promise<void> {
    const { viewer, view, path } = await ownedBy(request, response);
    const { ui } = response.locals;
    const select = { tokenRevokedAt: true, previousTokenEndsAt: true };
    const dates = await prisma.instance.findUniqueOrThrow({ where: { id: view.id }, select });
    send(
      response,
      viewer,
      view,
      <>
        <p class="card narrow">{ui.t.tokens.instanceHint}</p>
        <TokenState ui={ui} dates={dates} />
        <RenewForm ui={ui} viewer={viewer} target={`${path}/token`} />
        {dates.tokenRevokedAt === null && (
          <RevokeForm
            ui={ui}
            viewer={viewer}
            target={`${path}/token/revoke`}
            name={view.name}
            what={ui.t.tokens.revokeInstanceWhat}
            back={path}
            isWrong={isWrong}
          />
        )}
      </>,
      isWrong ? 400 : 200,
    );
  }

  router.get('/token', (request, response: PageResponse) => show(request, response));
  router.post('/token', async (request: Request, response: PageResponse) => {
    const { viewer, view, path } = await ownedBy(request, response);
    viewer.forms.expect(request);
    const renewed = await useCases.renewInstanceToken(view, renewalIn(request.body));
    send(response, viewer, view, <ShownToken ui={response.locals.ui} renewed={renewed} back={path} />);
  });
  router.post('/token/revoke', async (request: Request, response: PageResponse) => {
    const { viewer, view, path } = await ownedBy(request, response);
    viewer.forms.expect(request);
    if ((request.body as Readonly<Record<string, unknown>>).typed !== view.name) return show(request, response, true);
    await useCases.revokeInstanceToken(view);
    response.redirect(303, `${path}/token`);
  });
  return router;
}
