import { type Request, Router } from 'express';
import type { VNode } from 'preact';
import { trafficSchema } from '../../../shared/contracts/overview.ts';
import type { PrismaClient } from '../../../shared/database/database.ts';
import { PonteError } from '../../../shared/errors/ponte-error.ts';
import type { AskBridge } from '../../bridge-questions.ts';
import type { DeadLetterClient } from '../../dead-letters/client.ts';
import type { Ui } from '../../looks/ui.ts';
import type { Faults } from '../fields.tsx';
import { instancePath, listPath } from '../instances/list.tsx';
import type { InstanceReader, InstanceView } from '../instances/read.ts';
import { Stepper } from '../new-instance/stepper.tsx';
import { callOf, goTo, type PageResponse, sendPage, sendPart, type Viewer, viewerOf, wantsPart } from '../page.tsx';
import { besideField, faultsOf, sentenceOf } from '../sentences.ts';
import { createInstanceTokenPages } from '../tokens/instance-pages.tsx';
import type { UseCases } from '../use-cases.ts';
import { bodyOf, enteredOf, type FormValues, valuesOf } from './activation-form.tsx';
import { readProgress } from './activation-progress.tsx';
import { ConfirmDeletion } from './confirm.tsx';
import { createEnginePages } from './engine-pages.tsx';
import { Glance, Look } from './glance.tsx';
import { History, readHistory } from './history.tsx';
import { ConfirmLetter, LETTER_ACTIONS, Letters } from './letters.tsx';
import { Checked, Failed, FieldFaults, NoOutcome, type Place } from './outcome.tsx';
import { InstanceBody, inboxHost } from './page-body.tsx';

export interface InstancePagesDeps {
  readonly prisma: PrismaClient;
  readonly reader: InstanceReader;
  readonly useCases: UseCases;
  /** Undefined where there is no bridge. */
  readonly ask: AskBridge | undefined;
  readonly letters: DeadLetterClient | undefined;
  /** BASE_URL. */
  readonly baseUrl: string;
}

type Form = Readonly<Record<string, unknown>>;
interface Shown {
  readonly status?: number;
  readonly values?: FormValues;
  readonly faults?: Faults;
  /** Of a check. */
  readonly checked?: VNode;
  /** Of an activation. */
  readonly outcome?: VNode;
  readonly look?: VNode;
  readonly refreshSeconds?: number;
}

/** All pages of one instance, below `/instances/:key`: for holders its name, for operators its id. */
export function createInstancePages(deps: InstancePagesDeps): Router {
  const { prisma, reader, useCases, ask } = deps;
  const router = Router({ mergeParams: true });

  async function instanceOf(
    request: Request,
    response: PageResponse,
  ): Promise<{ viewer: Viewer; view: InstanceView; path: string }> {
    const viewer = viewerOf(response);
    const key = String(request.params.key);
    if (!/^[\w-]{1,100}$/.test(key)) throw new PonteError('instance_not_found');
    const view = await reader.one({ AND: [viewer.scope, viewer.kind === 'operator' ? { id: key } : { name: key }] });
    if (view === undefined) throw new PonteError('instance_not_found');
    return { viewer, view, path: instancePath(viewer, view) };
  }

  const trafficOf = async ({ integration }: InstanceView) => {
    if (integration === undefined) return undefined;
    const path = `/v1/integrations/${encodeURIComponent(integration.bridgeIntegrationId)}/traffic`;
    const asked = await ask?.({ method: 'GET', path, answer: trafficSchema });
    return asked?.kind === 'ok' ? asked.value : undefined;
  };

  async function show(request: Request, response: PageResponse, shown: Shown = {}): Promise<void> {
    const { ui } = response.locals;
    const { viewer, view, path } = await instanceOf(request, response);
    const [traffic, attempts, letters] = await Promise.all([
      trafficOf(view),
      readHistory(prisma, view.id),
      view.integration === undefined ? undefined : deps.letters?.list({ instance_id: view.id }),
    ]);
    const step = request.query.step === 'chatwoot' ? 2 : request.query.step === 'proof' ? 3 : undefined;
    sendPage(response, {
      title: view.name,
      section: listPath(viewer),
      status: shown.status ?? 200,
      refreshSeconds: shown.refreshSeconds,
      children: (
        <InstanceBody
          ui={ui}
          viewer={viewer}
          path={path}
          view={view}
          traffic={traffic}
          values={shown.values ?? valuesOf(view)}
          faults={shown.faults ?? {}}
          checked={shown.checked ?? <NoOutcome place="checked" />}
          outcome={shown.outcome ?? <NoOutcome place="outcome" />}
          isChanging={(shown.outcome ?? shown.checked) !== undefined}
          look={shown.look}
          notice={noticeOf(request, response, view)}
          stepper={step && <Stepper ui={ui} step={step} />}
          letters={letters && <Letters ui={ui} path={path} asked={letters} />}
          history={<History ui={ui} attempts={attempts} />}
          ingestUrl={`${deps.baseUrl}/api/events/ingest/${view.name}`}
        />
      ),
    });
  }

  router.get('/', async (request, response: PageResponse) => {
    const id = request.query.activation;
    if (typeof id !== 'string') return show(request, response);
    const { view, path } = await instanceOf(request, response);
    const now = await readProgress(prisma, { instanceId: view.id, id, ui: response.locals.ui, path });
    if (now === undefined) return show(request, response);
    if (now.kind === 'succeeded') return goTo(request, response, doneAt(path));
    await show(
      request,
      response,
      now.kind === 'running' ? { outcome: now.part, refreshSeconds: 2 } : { outcome: now.part, faults: now.faults },
    );
  });

  router.use(createEnginePages({ useCases, instanceOf }));
  router.use(createInstanceTokenPages({ prisma, useCases, instanceOf }));

  router.get('/glance', async (request, response: PageResponse) => {
    const { view, path } = await instanceOf(request, response);
    sendPart(response, <Glance ui={response.locals.ui} path={path} view={view} traffic={await trafficOf(view)} />);
  });

  router.get('/look', async (request, response: PageResponse) => {
    const { view } = await instanceOf(request, response);
    const part = <Look ui={response.locals.ui} look={await useCases.look(view, callOf(response))} />;
    if (wantsPart(request)) sendPart(response, part);
    else await show(request, response, { look: part });
  });

  router.get('/activations/:id', async (request: Request<{ id: string }>, response: PageResponse) => {
    const { view, path } = await instanceOf(request, response);
    const now = await readProgress(prisma, { instanceId: view.id, id: request.params.id, ui: response.locals.ui, path });
    if (now === undefined || now.kind === 'succeeded') return goTo(request, response, now === undefined ? path : doneAt(path));
    if (now.kind === 'running') return sendPart(response, now.part);
    sendPart(
      response,
      <>
        {now.part}
        <FieldFaults faults={now.faults} />
        <History ui={response.locals.ui} attempts={await readHistory(prisma, view.id)} isSwap />
      </>,
    );
  });

  /** What is entered is checked or activated; whatever is wrong with it is told beside its field, and what was entered stays. */
  async function withForm(
    request: Request,
    response: PageResponse,
    place: Place,
    run: (form: Form) => Promise<Shown | undefined>,
  ): Promise<void> {
    const { viewer, path } = await instanceOf(request, response);
    const { ui } = response.locals;
    viewer.forms.expect(request, `${path}/activate`);
    const form = request.body as Form;
    let shown: Shown | undefined;
    try {
      shown = await run(form);
    } catch (error) {
      if (!(error instanceof PonteError)) throw error;
      const faults = faultsOf(ui, error);
      const sentence = besideField(sentenceOf(ui, error), faults);
      const part = <Failed ui={ui} place={place} title={ui.t.activation.failed} sentence={sentence} />;
      shown = { status: error.httpStatus, faults, [place]: part };
    }
    if (shown === undefined) return;
    if (!wantsPart(request)) return show(request, response, { ...shown, values: enteredOf(form) });
    sendPart(
      response,
      <>
        {shown[place] ?? <NoOutcome place={place} />}
        {place === 'outcome' && <NoOutcome place="checked" isSwap />}
        <FieldFaults faults={shown.faults ?? {}} />
      </>,
    );
  }

  router.post('/check', (request, response: PageResponse) =>
    withForm(request, response, 'checked', async (form) => {
      const { view } = await instanceOf(request, response);
      const { ui } = response.locals;
      const result = await useCases.check(view, bodyOf(form), callOf(response));
      if (result.ok) return { checked: <Checked ui={ui} found={result.found} /> };
      const faults = faultsOf(ui, result.error);
      const sentence = besideField(sentenceOf(ui, result.error), faults);
      return {
        checked: <Failed ui={ui} place="checked" title={ui.t.activation.checkFailed} sentence={sentence} owner={result.owner} />,
        faults,
      };
    }),
  );

  router.post('/activate', (request, response: PageResponse) =>
    withForm(request, response, 'outcome', async (form) => {
      const { view, path } = await instanceOf(request, response);
      const id = await useCases.activate(view, bodyOf(form), callOf(response));
      if (!wantsPart(request)) {
        response.redirect(303, `${path}?activation=${id}`);
        return undefined;
      }
      const now = await readProgress(prisma, { instanceId: view.id, id, ui: response.locals.ui, path });
      if (now?.kind === 'running') return { outcome: now.part };
      if (now?.kind === 'failed') return { outcome: now.part, faults: now.faults };
      goTo(request, response, doneAt(path));
      return undefined;
    }),
  );

  for (const deletion of ['deactivate', 'delete'] as const) {
    const confirm = async (request: Request, response: PageResponse, isWrong: boolean) => {
      const { viewer, view, path } = await instanceOf(request, response);
      const { ui } = response.locals;
      const { t } = ui;
      if (deletion === 'delete' && viewer.kind === 'instance') throw new PonteError('account_token_required');
      if (deletion === 'deactivate' && view.integration === undefined) throw new PonteError('integration_to_delete_not_found');
      const isDeactivation = deletion === 'deactivate';
      sendPage(response, {
        title: isDeactivation ? t.instance.deactivateTitle(view.name) : t.instance.removeTitle(view.name),
        status: isWrong ? 400 : 200,
        children: (
          <>
            <div class="head">
              <h1>{isDeactivation ? t.instance.deactivateTitle(view.name) : t.instance.removeTitle(view.name)}</h1>
            </div>
            <ConfirmDeletion
              ui={ui}
              viewer={viewer}
              target={`${path}/${deletion}`}
              path={path}
              name={view.name}
              button={
                isDeactivation
                  ? inboxFate(view) === 'deleted'
                    ? t.instance.deactivateButton
                    : t.instance.deactivateOnlyButton
                  : t.instance.removeButton
              }
              isWrong={isWrong}
            >
              {!isDeactivation && <p>{t.instance.removeWhat}</p>}
              {view.integration && <p>{whatGoes(ui, view, view.integration.chatwootInboxName)}</p>}
              {isDeactivation && <p>{t.instance.deactivateKeeps}</p>}
            </ConfirmDeletion>
          </>
        ),
      });
    };
    router.get(`/${deletion}`, (request, response: PageResponse) => confirm(request, response, false));
    router.post(`/${deletion}`, async (request, response: PageResponse) => {
      const { viewer, view, path } = await instanceOf(request, response);
      viewer.forms.expect(request);
      if (deletion === 'delete' && viewer.kind === 'instance') throw new PonteError('account_token_required');
      if ((request.body as Form).typed !== view.name) return confirm(request, response, true);
      if (deletion === 'deactivate') {
        await useCases.deactivate(view, callOf(response));
        response.redirect(303, `${path}?done=deactivated`);
      } else {
        await useCases.removeInstance(view, callOf(response));
        response.redirect(303, `${listPath(viewer)}?removed=${view.name}`);
      }
    });
  }

  /** One of this instance, whoever asks: the bridge knows letters of all accounts. */
  async function letterOf(request: Request<{ id: string }>, view: InstanceView) {
    const asked = await deps.letters?.get(request.params.id);
    if (asked === undefined || asked.kind === 'away') throw new PonteError('bridge_unreachable', { url: '', detail: '' });
    if (asked.kind === 'absent' || asked.value.instance_id !== view.id) throw new PonteError('dead_letter_not_found');
    return asked.value;
  }
  for (const action of LETTER_ACTIONS) {
    router.get(`/messages/:id/${action}`, async (request: Request<{ id: string }>, response: PageResponse) => {
      const { viewer, view, path } = await instanceOf(request, response);
      const letter = await letterOf(request, view);
      const { ui } = response.locals;
      const title = action === 'resend' ? ui.t.instance.confirmResend : ui.t.instance.confirmDiscard;
      sendPage(response, {
        title,
        children: (
          <>
            <div class="head">
              <h1>{title}</h1>
            </div>
            <ConfirmLetter ui={ui} viewer={viewer} path={path} letter={letter} action={action} />
          </>
        ),
      });
    });
    router.post(`/messages/:id/${action}`, async (request: Request<{ id: string }>, response: PageResponse) => {
      const { viewer, view, path } = await instanceOf(request, response);
      viewer.forms.expect(request);
      const letter = await letterOf(request, view);
      const done = await deps.letters?.[action](letter.id);
      if (done?.kind !== 'ok') throw new PonteError('dead_letter_not_found');
      response.locals.log.info({ deadLetterId: letter.id, action }, 'a message that was set aside was seen to in the console');
      response.redirect(303, `${path}?done=${action}`);
    });
  }
  return router;
}

const doneAt = (path: string): string => `${path}?done=activated&step=proof`;

function noticeOf(request: Request, { locals: { ui } }: PageResponse, view: InstanceView): string | undefined {
  const { t } = ui;
  switch (request.query.done) {
    case 'activated':
      return view.integration === undefined ? undefined : t.instance.activatedNow;
    case 'deactivated':
      return view.integration === undefined ? t.instance.deactivatedNow : undefined;
    case 'engine':
      return t.engine.changedNow;
    case 'resend':
      return t.instance.resentNow;
    case 'discard':
      return t.instance.discardedNow;
    default:
      return undefined;
  }
}

/** An inbox that was taken over stays; the bridge knows which it is. */
function inboxFate({ overview }: InstanceView): 'deleted' | 'kept' | 'unknown' {
  if (overview.kind !== 'ok') return 'unknown';
  return overview.value.adopted ? 'kept' : 'deleted';
}

function whatGoes({ t }: Ui, view: InstanceView, inbox: string): string {
  const host = inboxHost(view);
  const fate = inboxFate(view);
  if (fate === 'kept') return t.instance.deactivateKept(inbox, host);
  return fate === 'deleted' ? t.instance.deactivateWhat(inbox, host) : t.instance.deactivateMaybe(inbox, host);
}
