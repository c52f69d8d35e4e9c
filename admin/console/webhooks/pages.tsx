import { type Request, Router } from 'express';
import { PonteError } from '../../../shared/errors/ponte-error.ts';
import type { Faults } from '../fields.tsx';
import { accountOf, type PageResponse, sendTitledPage } from '../page.tsx';
import { faultsOf, plainSentenceOf } from '../sentences.ts';
import type { WebhookUseCases } from './use-cases.ts';
import { AddForm, ShownSecret, Webhooks } from './views.tsx';

/** Not `/webhooks`: a proxy leads that to the bridge, for Chatwoot. */
const PATH = '/notifications';

/** `/notifications`: where the account wants to be told of what happens. */
export function createWebhookPages({ useCases }: { useCases: WebhookUseCases }): Router {
  const router = Router();
  const formOf = (request: Request, response: PageResponse): { accountId: string; form: Readonly<Record<string, unknown>> } => {
    const { viewer, accountId } = accountOf(response);
    viewer.forms.expect(request);
    return { accountId, form: request.body as Readonly<Record<string, unknown>> };
  };

  async function show(response: PageResponse, given: { url: string; faults: Faults; fault: string }): Promise<void> {
    const { viewer, accountId } = accountOf(response);
    const { ui } = response.locals;
    sendTitledPage(response, {
      title: ui.t.webhooks.title,
      section: PATH,
      status: given.fault === '' ? 200 : 400,
      children: (
        <>
          <p class="card narrow">{ui.t.webhooks.hint}</p>
          <Webhooks ui={ui} viewer={viewer} path={PATH} webhooks={await useCases.listWebhooks(accountId)} />
          <AddForm ui={ui} viewer={viewer} path={PATH} {...given} />
        </>
      ),
    });
  }

  router.get('/', (_request, response: PageResponse) => show(response, { url: '', faults: {}, fault: '' }));
  router.post('/', async (request: Request, response: PageResponse) => {
    const { accountId, form } = formOf(request, response);
    const { ui } = response.locals;
    const url = typeof form.url === 'string' ? form.url.trim() : '';
    try {
      const secret = await useCases.addWebhook(accountId, { url });
      const children = <ShownSecret ui={ui} secret={secret} back={PATH} />;
      sendTitledPage(response, { title: ui.t.webhooks.title, section: PATH, status: 201, children });
    } catch (error) {
      if (!(error instanceof PonteError) || error.httpStatus >= 500) throw error;
      const faults = faultsOf(ui, error);
      await show(response, { url, faults, fault: plainSentenceOf(ui, error).text });
    }
  });
  for (const [action, run] of [
    ['test', useCases.testWebhook],
    ['enable', useCases.enableWebhook],
    ['delete', useCases.removeWebhook],
  ] as const) {
    router.post(`/:id/${action}`, async (request: Request<{ id: string }>, response: PageResponse) => {
      const { accountId } = formOf(request as Request, response);
      await run(accountId, request.params.id);
      response.redirect(303, PATH);
    });
  }
  return router;
}
