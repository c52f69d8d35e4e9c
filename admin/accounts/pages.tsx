import { type Request, Router } from 'express';
import type { ComponentChildren } from 'preact';
import type { PrismaClient } from '../../shared/database/database.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import { Field } from '../console/fields.tsx';
import { FormToken, type PageResponse, sendTitledPage, viewerOf } from '../console/page.tsx';
import { faultsOf } from '../console/sentences.ts';
import { RenewForm, RevokeForm, renewalIn, ShownToken, TokenState } from '../console/tokens/views.tsx';
import type { UseCases } from '../console/use-cases.ts';
import { Clock } from '../looks/times.tsx';
import type { Ui } from '../looks/ui.ts';

const SECTION = '/admin/accounts';

type Form = Readonly<Record<string, unknown>>;

/** `/admin/accounts`: the accounts; operators make them, and renew and revoke their tokens. */
export function createAccountPages(deps: {
  prisma: PrismaClient;
  useCases: Pick<UseCases, 'createAccount' | 'renewAccountToken' | 'revokeAccountToken'>;
}): Router {
  const { prisma, useCases } = deps;
  const router = Router();

  function send(response: PageResponse, title: string, children: ComponentChildren, status = 200): void {
    sendTitledPage(response, { title, section: SECTION, status, children });
  }

  async function showAll(response: PageResponse, given = '', fault?: string): Promise<void> {
    const { ui } = response.locals;
    const accounts = await readAccounts(prisma);
    const viewer = viewerOf(response);
    send(
      response,
      ui.t.tokens.accounts,
      <>
        <Accounts ui={ui} accounts={accounts} />
        <section class="card narrow" aria-labelledby="make-title">
          <h2 id="make-title">{ui.t.tokens.makeTitle}</h2>
          <form method="post" action={SECTION}>
            <FormToken viewer={viewer} path={SECTION} />
            <Field name="name" texts={ui.t.tokens.accountName} value={given} fault={fault} isRequired />
            <div class="actions">
              <button class="primary" type="submit">
                {ui.t.tokens.make}
              </button>
            </div>
          </form>
        </section>
      </>,
      fault === undefined ? 200 : 400,
    );
  }

  async function accountOf(request: Request<{ id: string }>) {
    const account = /^[\w-]{1,40}$/.test(request.params.id)
      ? await prisma.account.findUnique({ where: { id: request.params.id } })
      : null;
    if (account === null) throw new PonteError('account_not_found');
    return { account, path: `${SECTION}/${account.id}` };
  }

  async function show(request: Request<{ id: string }>, response: PageResponse, isWrong = false): Promise<void> {
    const { account, path } = await accountOf(request);
    const { ui } = response.locals;
    const viewer = viewerOf(response);
    send(
      response,
      ui.t.tokens.ofAccount(account.name),
      <>
        <TokenState ui={ui} dates={account} />
        <RenewForm ui={ui} viewer={viewer} target={path} />
        {account.tokenRevokedAt === null && (
          <RevokeForm
            ui={ui}
            viewer={viewer}
            target={`${path}/revoke`}
            name={account.name}
            what={ui.t.tokens.revokeAccountWhat}
            back={SECTION}
            isWrong={isWrong}
          />
        )}
      </>,
      isWrong ? 400 : 200,
    );
  }

  router.get('/', (_request, response: PageResponse) => showAll(response));
  router.post('/', async (request: Request, response: PageResponse) => {
    viewerOf(response).forms.expect(request);
    const { ui, log } = response.locals;
    const { name } = request.body as Form;
    try {
      const made = await useCases.createAccount({ name });
      log.info({ accountId: made.id }, 'an operator made an account');
      const renewed = { token: made.token, previousEndsAt: null };
      send(response, ui.t.tokens.ofAccount(made.name), <ShownToken ui={ui} renewed={renewed} back={SECTION} isFirst />, 201);
    } catch (error) {
      if (!(error instanceof PonteError)) throw error;
      await showAll(response, typeof name === 'string' ? name : '', faultsOf(ui, error).name ?? error.message);
    }
  });
  router.get('/:id', (request: Request<{ id: string }>, response: PageResponse) => show(request, response));
  router.post('/:id', async (request: Request<{ id: string }>, response: PageResponse) => {
    const { account } = await accountOf(request);
    viewerOf(response).forms.expect(request);
    const { ui, log } = response.locals;
    const renewed = await useCases.renewAccountToken({ accountId: account.id, isCurrent: true }, renewalIn(request.body));
    log.info({ accountId: account.id }, 'an operator renewed the token of an account');
    send(response, ui.t.tokens.ofAccount(account.name), <ShownToken ui={ui} renewed={renewed} back={SECTION} />);
  });
  router.post('/:id/revoke', async (request: Request<{ id: string }>, response: PageResponse) => {
    const { account, path } = await accountOf(request);
    viewerOf(response).forms.expect(request);
    if ((request.body as Form).typed !== account.name) return show(request, response, true);
    await useCases.revokeAccountToken(account.id);
    response.locals.log.info({ accountId: account.id }, 'an operator revoked the token of an account');
    response.redirect(303, path);
  });
  return router;
}

const SHOWN = 500;
const readAccounts = (prisma: PrismaClient) =>
  prisma.account.findMany({
    orderBy: { createdAt: 'desc' },
    take: SHOWN,
    include: { _count: { select: { instances: true } } },
  });

function Accounts({ ui: { t }, accounts }: { ui: Ui; accounts: Awaited<ReturnType<typeof readAccounts>> }) {
  if (accounts.length === 0) return <p class="card">{t.tokens.noAccount}</p>;
  return (
    <div class="card flush wide">
      <table class="stack">
        <thead>
          <tr>
            <th>{t.instances.account}</th>
            <th>{t.instances.title}</th>
            <th>{t.tokens.made}</th>
            <th>{t.tokens.title}</th>
          </tr>
        </thead>
        <tbody>
          {accounts.map((account) => (
            <tr>
              <td>
                <a href={`${SECTION}/${account.id}`}>{account.name}</a>
              </td>
              <td>{account._count.instances}</td>
              <td>
                <Clock at={account.createdAt} />
              </td>
              <td>{account.tokenRevokedAt === null ? t.tokens.isValid : t.tokens.isRevoked}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
