import { type Request, Router } from 'express';
import type { PrismaClient } from '../../../shared/database/database.ts';
import { accountOf, type PageResponse, sendTitledPage } from '../page.tsx';
import type { UseCases } from '../use-cases.ts';
import { RenewForm, renewalIn, ShownToken, TokenState } from './views.tsx';

const PATH = '/tokens';

/** `/tokens`: the TokenAccount of whoever is logged in with it. `goOnWith` has him stay logged in, by the new one. */
export function createTokenPages(deps: {
  prisma: PrismaClient;
  useCases: Pick<UseCases, 'renewAccountToken'>;
  goOnWith: (token: string, request: Request, response: PageResponse) => Promise<void>;
}): Router {
  const router = Router();

  router.get('/', async (_request, response: PageResponse) => {
    const { viewer, accountId } = accountOf(response);
    const { ui } = response.locals;
    const select = { tokenRevokedAt: true, previousTokenEndsAt: true };
    const dates = await deps.prisma.account.findUniqueOrThrow({ where: { id: accountId }, select });
    sendTitledPage(response, {
      title: ui.t.tokens.title,
      section: PATH,
      children: (
        <>
          <p class="card narrow">{ui.t.tokens.accountHint}</p>
          <TokenState ui={ui} dates={dates} />
          {viewer.holdsOldToken ? (
            <p class="note bad">{ui.t.tokens.oldCannot}</p>
          ) : (
            <RenewForm ui={ui} viewer={viewer} target={PATH} />
          )}
        </>
      ),
    });
  });

  router.post('/', async (request: Request, response: PageResponse) => {
    const { viewer, accountId } = accountOf(response);
    viewer.forms.expect(request);
    const renewed = await deps.useCases.renewAccountToken(
      { accountId, isCurrent: !viewer.holdsOldToken },
      renewalIn(request.body),
    );
    await deps.goOnWith(renewed.token, request, response);
    const { ui } = response.locals;
    sendTitledPage(response, {
      title: ui.t.tokens.title,
      section: PATH,
      children: <ShownToken ui={ui} renewed={renewed} back="/" />,
    });
  });
  return router;
}
