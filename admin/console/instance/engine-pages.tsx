import { type Request, Router } from 'express';
import type { VNode } from 'preact';
import { PonteError } from '../../../shared/errors/ponte-error.ts';
import { chosenKind, EngineFields, EngineKinds, type EngineValues, engineIn, engineValuesIn } from '../engine-fields.tsx';
import type { Faults } from '../fields.tsx';
import type { InstanceView } from '../instances/read.ts';
import { FormToken, type PageResponse, sendPage, sendPart, type Viewer, wantsPart } from '../page.tsx';
import { besideField, faultsOf, type Sentence, sentenceOf } from '../sentences.ts';
import type { UseCases } from '../use-cases.ts';
import { EngineChecked } from './engine-card.tsx';
import { PairingPart } from './pairing.tsx';

interface EnginePagesDeps {
  readonly useCases: UseCases;
  instanceOf(request: Request, response: PageResponse): Promise<{ viewer: Viewer; view: InstanceView; path: string }>;
}

/** Seconds after which a page without script asks anew for something to scan. */
const PAIR_AGAIN_SECONDS = 15;

/** What is asked of, and changed about, the WhatsApp API of an instance. */
export function createEnginePages({ useCases, instanceOf }: EnginePagesDeps): Router {
  const router = Router({ mergeParams: true });

  /** What the engine answers, or the sentence that says why it does not. */
  async function answerOf<Answer>(response: PageResponse, asked: Promise<Answer>): Promise<Answer | Sentence> {
    try {
      return await asked;
    } catch (error) {
      if (!(error instanceof PonteError)) throw error;
      return sentenceOf(response.locals.ui, error);
    }
  }

  function sendCard(response: PageResponse, title: string, path: string, part: VNode, refreshSeconds?: number): void {
    sendPage(response, {
      title,
      refreshSeconds,
      children: (
        <>
          <div class="head">
            <h1>{title}</h1>
          </div>
          <div class="card narrow">
            {part}
            <div class="actions">
              <a class="button" href={path}>
                {response.locals.ui.t.instance.back}
              </a>
            </div>
          </div>
        </>
      ),
    });
  }

  router.get('/engine/check', async (request, response: PageResponse) => {
    const { view, path } = await instanceOf(request, response);
    const { ui } = response.locals;
    const answer = await answerOf(response, useCases.checkEngine(view));
    const part = 'kind' in answer ? <EngineChecked ui={ui} found={answer} /> : <CheckFailed ui={ui} sentence={answer} />;
    if (wantsPart(request)) sendPart(response, part);
    else sendCard(response, ui.t.engine.changeTitle(view.name), path, part);
  });

  router.get('/pair', async (request, response: PageResponse) => {
    const { view, path } = await instanceOf(request, response);
    const { ui } = response.locals;
    const pairing = await answerOf(response, useCases.pair(view));
    const part = <PairingPart ui={ui} path={path} pairing={pairing} />;
    if (wantsPart(request)) return sendPart(response, part);
    const isDone = 'kind' in pairing && pairing.kind === 'connected';
    sendCard(response, ui.t.engine.pairTitle(view.name), path, part, isDone ? undefined : PAIR_AGAIN_SECONDS);
  });

  interface Shown {
    readonly kind?: unknown;
    readonly values?: EngineValues;
    readonly faults?: Faults;
    readonly sentence?: Sentence;
    readonly status?: number;
  }

  /** Whoever could point an instance elsewhere could read along: only its account can. */
  async function changeable(request: Request, response: PageResponse) {
    const found = await instanceOf(request, response);
    if (found.viewer.kind === 'instance') throw new PonteError('account_token_required');
    return found;
  }

  async function showChange(request: Request, response: PageResponse, shown: Shown): Promise<void> {
    const { viewer, view, path } = await changeable(request, response);
    const { ui } = response.locals;
    const { t } = ui;
    const kind = chosenKind(shown.kind, view.engineKind);
    const isSame = kind === view.engineKind;
    const known: EngineValues = isSame ? { url: view.engineUrl ?? '', name: view.engineName ?? '' } : {};
    const { sentence } = shown;
    sendPage(response, {
      title: t.engine.changeTitle(view.name),
      status: shown.status ?? 200,
      children: (
        <>
          <div class="head">
            <h1>{t.engine.changeTitle(view.name)}</h1>
          </div>
          <div class="card narrow">
            <p class="muted">{t.engine.changeHint}</p>
            {sentence !== undefined && sentence.text !== '' && (
              <p class="note bad" role="alert">
                {sentence.text}
              </p>
            )}
            <EngineKinds ui={ui} kind={kind} path={`${path}/engine`} />
            <form method="post" action={`${path}/engine`}>
              <FormToken viewer={viewer} path={`${path}/engine`} />
              <EngineFields ui={ui} kind={kind} values={shown.values ?? known} faults={shown.faults ?? {}} isNew={!isSame} />
              <div class="actions">
                <button class="primary" type="submit">
                  {t.engine.save}
                </button>
                <a class="button" href={path}>
                  {t.instance.cancel}
                </a>
              </div>
            </form>
          </div>
        </>
      ),
    });
  }

  router.get('/engine', (request, response: PageResponse) => showChange(request, response, { kind: request.query.kind }));
  router.post('/engine', async (request, response: PageResponse) => {
    const { viewer, view, path } = await changeable(request, response);
    viewer.forms.expect(request);
    const form = request.body as Readonly<Record<string, unknown>>;
    try {
      await useCases.changeEngine(view, { engine: engineIn(form) });
    } catch (error) {
      if (!(error instanceof PonteError)) throw error;
      const { ui } = response.locals;
      const faults = faultsOf(ui, error);
      const sentence = besideField(sentenceOf(ui, error), faults);
      const shown = { kind: form['engine.kind'], values: engineValuesIn(form), faults, sentence, status: error.httpStatus };
      return showChange(request, response, shown);
    }
    response.redirect(303, `${path}?done=engine`);
  });
  return router;
}

const CheckFailed = ({ ui: { t }, sentence }: { ui: PageResponse['locals']['ui']; sentence: Sentence }) => (
  <div class="note bad" role="status">
    <p>
      <strong>{t.engine.checkFailed}</strong> {sentence.text}
    </p>
    {sentence.detail !== '' && <code>{sentence.detail}</code>}
  </div>
);
