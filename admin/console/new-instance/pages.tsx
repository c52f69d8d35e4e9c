import { type Request, Router } from 'express';
import { DEFAULT_ENGINE_KIND, engineKinds } from '../../../shared/engines/registry.ts';
import { PonteError } from '../../../shared/errors/ponte-error.ts';
import { Copy } from '../../looks/copy.tsx';
import type { Ui } from '../../looks/ui.ts';
import { kindName } from '../engine-kinds.ts';
import { type Faults, Field } from '../fields.tsx';
import { FormToken, type PageResponse, sendPage, type Viewer, viewerOf } from '../page.tsx';
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
      values = {},
      faults = {},
      fault,
      status = 200,
    }: {
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
          <EngineForm ui={ui} viewer={viewer} values={values} faults={faults} fault={fault} />
        </>
      ),
    });
  }

  router.get('/', (_request, response: PageResponse) => {
    if (viewerOf(response).accountId === undefined) throw new PonteError('account_token_required');
    show(response, {});
  });

  router.post('/', async (request: Request, response: PageResponse) => {
    const viewer = viewerOf(response);
    const { ui } = response.locals;
    if (viewer.accountId === undefined) throw new PonteError('account_token_required');
    if (!viewer.forms.accepts(request)) throw new PonteError('form_refused');
    const form = request.body as Readonly<Record<string, unknown>>;
    const text = (name: string): string => (typeof form[name] === 'string' ? form[name].trim() : '');
    const values = { name: text('name'), engineKind: text('engineKind'), engineUrl: text('engineUrl') };
    try {
      const { name, token } = await useCases.createInstance(viewer.accountId, {
        name: values.name === '' ? undefined : values.name,
        engineKind: values.engineKind === '' ? undefined : values.engineKind,
        engineUrl: values.engineUrl === '' ? undefined : values.engineUrl,
        engineToken: text('engineToken') === '' ? undefined : text('engineToken'),
      });
      sendPage(response, {
        title: name,
        section: PATH,
        status: 201,
        children: <Created ui={ui} name={name} token={token} ingestUrl={`${baseUrl}/api/events/ingest/${name}`} />,
      });
    } catch (error) {
      if (!(error instanceof PonteError)) throw error;
      const faults = faultsOf(ui, error);
      const fault = Object.keys(faults).length > 0 ? undefined : sentenceOf(ui, error).text;
      show(response, { values, faults, fault, status: error.httpStatus });
    }
  });
  return router;
}

interface EngineFormProps {
  readonly ui: Ui;
  readonly viewer: Viewer;
  readonly values: Values;
  readonly faults: Faults;
  /** What is wrong with all of it. */
  readonly fault: string | undefined;
}

function EngineForm({ ui, viewer, values, faults, fault }: EngineFormProps) {
  const { t } = ui;
  const chosen = values.engineKind || DEFAULT_ENGINE_KIND;
  return (
    <form class="card narrow" method="post" action={PATH}>
      <FormToken viewer={viewer} path={PATH} />
      {fault !== undefined && (
        <p class="note bad" role="alert">
          {fault}
        </p>
      )}
      <Field
        name="name"
        texts={t.fields.name}
        value={values.name}
        fault={faults.name}
        pattern="[A-Za-z0-9_\-]{1,100}"
        placeholder="suporte"
        isRequired
      />
      <fieldset class="field">
        <legend>{t.fields.engineKind[0]}</legend>
        <span class="hint">{t.fields.engineKind[1]}</span>
        <div class="choice">
          {engineKinds.map((kind) => (
            <label>
              <input type="radio" name="engineKind" value={kind} checked={kind === chosen} />
              {kindName(kind)}
            </label>
          ))}
        </div>
        {faults.engineKind !== undefined && <p class="fault">{faults.engineKind}</p>}
      </fieldset>
      <Field
        name="engineUrl"
        type="url"
        texts={t.fields.engineUrl}
        value={values.engineUrl}
        fault={faults.engineUrl}
        placeholder="https://whatsapp.example.com"
      />
      <Field
        name="engineToken"
        type="password"
        texts={t.fields.engineToken}
        fault={faults.engineToken}
        autocomplete="new-password"
      />
      <div class="actions">
        <button class="primary" type="submit">
          {t.newInstance.create}
        </button>
        <a class="button" href="/">
          {t.instance.cancel}
        </a>
      </div>
    </form>
  );
}

function Created({ ui, name, token, ingestUrl }: { ui: Ui; name: string; token: string; ingestUrl: string }) {
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
        <h2>{t.instance.webhook}</h2>
        <Copy ui={ui} id="ingest" text={ingestUrl} />
        <p class="muted">{t.instance.webhookHint}</p>
        <div class="actions">
          <a class="button primary" href={`/instances/${name}?step=chatwoot`}>
            {t.newInstance.goOn}
          </a>
        </div>
      </div>
    </>
  );
}
