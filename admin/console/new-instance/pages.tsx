import { type Request, Router } from 'express';
import { PonteError } from '../../../shared/errors/ponte-error.ts';
import { Copy } from '../../looks/copy.tsx';
import type { Ui } from '../../looks/ui.ts';
import { chosenKind, EngineFields, EngineKinds, engineIn, engineValuesIn } from '../engine-fields.tsx';
import { setsWebhook } from '../engine-kinds.ts';
import { type Faults, Field } from '../fields.tsx';
import { accountOf, FormToken, type PageResponse, sendPage, type Viewer, viewerOf } from '../page.tsx';
import { faultsOf, sentenceOf } from '../sentences.ts';
import type { UseCases } from '../use-cases.ts';
import { Stepper } from './stepper.tsx';

const PATH = '/new';
type Values = Readonly<Record<string, string>>;

/** `/new`: the first of three steps. It ends with the token of the instance, which is shown this once, and leads on to its Chatwoot. */
export function createNewInstancePages({ useCases, baseUrl }: { useCases: UseCases; baseUrl: string }): Router {
  const router = Router();

  function show(
    response: PageResponse,
    {
      kind,
      values = {},
      faults = {},
      fault,
      status = 200,
    }: {
      kind: unknown;
      values?: Values;
      faults?: Faults;
      fault?: string;
      status?: number;
    },
  ): void {
    const { ui } = response.locals;
    const viewer = viewerOf(response);
    sendPage(response, {
      title: ui.t.newInstance.title,
      section: PATH,
      status,
      children: (
        <>
          <div class="head">
            <h1>{ui.t.newInstance.title}</h1>
          </div>
          <Stepper ui={ui} step={1} />
          <EngineForm ui={ui} viewer={viewer} kind={kind} values={values} faults={faults} fault={fault} />
        </>
      ),
    });
  }

  router.get('/', (request, response: PageResponse) => {
    accountOf(response);
    show(response, { kind: request.query.kind });
  });

  router.post('/', async (request: Request, response: PageResponse) => {
    const { viewer, accountId } = accountOf(response);
    const { ui } = response.locals;
    viewer.forms.expect(request);
    const form = request.body as Readonly<Record<string, unknown>>;
    const given = typeof form.name === 'string' ? form.name.trim() : '';
    const engine = engineIn(form);
    try {
      const { name, token } = await useCases.createInstance(accountId, { name: given === '' ? undefined : given, engine });
      sendPage(response, {
        title: name,
        section: PATH,
        status: 201,
        children: (
          <Created
            ui={ui}
            name={name}
            token={token}
            ingestUrl={setsWebhook(engine.kind ?? '') ? undefined : `${baseUrl}/api/events/ingest/${name}`}
          />
        ),
      });
    } catch (error) {
      if (!(error instanceof PonteError)) throw error;
      const faults = faultsOf(ui, error);
      const fault = Object.keys(faults).length > 0 ? undefined : sentenceOf(ui, error).text;
      const values = { ...engineValuesIn(form), instance: given };
      show(response, { kind: engine.kind, values, faults, fault, status: error.httpStatus });
    }
  });
  return router;
}

interface EngineFormProps {
  readonly ui: Ui;
  readonly viewer: Viewer;
  readonly kind: unknown;
  readonly values: Values;
  readonly faults: Faults;
  /** What is wrong with all of it. */
  readonly fault: string | undefined;
}

function EngineForm({ ui, viewer, kind: given, values, faults, fault }: EngineFormProps) {
  const { t } = ui;
  const kind = chosenKind(given);
  return (
    <div class="card narrow">
      <EngineKinds ui={ui} kind={kind} path={PATH} />
      <form method="post" action={PATH}>
        <FormToken viewer={viewer} path={PATH} />
        {fault !== undefined && (
          <p class="note bad" role="alert">
            {fault}
          </p>
        )}
        <Field
          name="name"
          texts={t.fields.name}
          value={values.instance}
          fault={faults.name}
          pattern="[A-Za-z0-9_\-]{1,100}"
          placeholder="suporte"
          isRequired
        />
        <EngineFields ui={ui} kind={kind} values={values} faults={faults} isNew />
        <div class="actions">
          <button class="primary" type="submit">
            {t.newInstance.create}
          </button>
          <a class="button" href="/">
            {t.instance.cancel}
          </a>
        </div>
      </form>
    </div>
  );
}

function Created({ ui, name, token, ingestUrl }: { ui: Ui; name: string; token: string; ingestUrl: string | undefined }) {
  const { t } = ui;
  return (
    <>
      <div class="head">
        <h1>{name}</h1>
      </div>
      <Stepper ui={ui} step={1} />
      <div class="card narrow">
        <p class="note good" role="status">
          {t.instance.createdNow}
        </p>
        <h2>{t.newInstance.tokenTitle}</h2>
        <Copy ui={ui} id="instance-token" text={token} />
        <p class="muted">{t.newInstance.tokenHint}</p>
        {ingestUrl !== undefined && (
          <>
            <h2>{t.instance.webhook}</h2>
            <Copy ui={ui} id="ingest" text={ingestUrl} />
            <p class="muted">{t.instance.webhookHint}</p>
          </>
        )}
        <div class="actions">
          <a class="button primary" href={`/instances/${name}?step=chatwoot`}>
            {t.newInstance.goOn}
          </a>
        </div>
      </div>
    </>
  );
}
