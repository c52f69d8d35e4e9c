import { type Request, Router } from 'express';
import type { ComponentChildren } from 'preact';
import { type DeadLetter, deadLetterQuerySchema } from '../../shared/contracts/dead-letters.ts';
import type { Logger } from '../../shared/logging/logger.ts';
import type { Asked } from '../bridge-questions.ts';
import { type PageResponse, sendTitledPage } from '../console/page.tsx';
import type { FormTokens } from '../form-token.ts';
import type { Texts } from '../languages/en.ts';
import type { Ui } from '../looks/ui.ts';
import type { DeadLetterClient } from './client.ts';
import { LetterFacts, LetterList, SECTION } from './views.tsx';

const ACTIONS = {
  resend: { look: 'primary', done: 'an operator has a message sent again' },
  discard: { look: 'danger', done: 'an operator has discarded a message' },
} as const;
type Action = keyof typeof ACTIONS;

const textsOf = ({ instance: t }: Texts) => ({
  resend: {
    title: t.confirmResend,
    button: t.resend,
    warning: { to_chatwoot: t.resendToChatwoot, to_whatsapp: t.resendToWhatsapp },
  },
  discard: {
    title: t.confirmDiscard,
    button: t.discard,
    warning: { to_chatwoot: t.discardToChatwoot, to_whatsapp: t.discardToWhatsapp },
  },
});

/** `/admin/dead-letters`: messages that could not be relayed. Each can be sent again, or discarded, after a second look. */
export function createDeadLetterPages(deps: { client: DeadLetterClient | undefined; forms: FormTokens; logger: Logger }): Router {
  const { client, forms, logger } = deps;
  const router = Router();
  if (client === undefined) {
    router.use((_request, response: PageResponse) => {
      const { t } = response.locals.ui;
      send(response, t.operators.deadLetters, <p class="card">{t.operators.noBridge}</p>);
    });
    return router;
  }

  router.get('/', async (request, response: PageResponse) => {
    const query = deadLetterQuerySchema.parse(request.query);
    const asked = await client.list(query);
    if (asked.kind !== 'ok') return unavailable(response, asked);
    const { ui } = response.locals;
    send(response, ui.t.operators.deadLetters, <LetterList ui={ui} query={query} {...asked.value} />);
  });
  for (const action of Object.keys(ACTIONS) as Action[]) {
    router.get(`/:id/${action}`, async (request: Request<{ id: string }>, response: PageResponse) => {
      const asked = await client.get(request.params.id);
      if (asked.kind !== 'ok') return unavailable(response, asked);
      if (action === 'resend' && !asked.value.resendable) return unavailable(response, { kind: 'absent' });
      const { ui } = response.locals;
      const path = `${SECTION}/${asked.value.id}/${action}`;
      send(
        response,
        textsOf(ui.t)[action].title,
        <Confirmation ui={ui} letter={asked.value} action={action} path={path} token={forms.issue(path)} />,
      );
    });
    router.post(`/:id/${action}`, forms.required, async (request: Request<{ id: string }>, response: PageResponse) => {
      const asked = await client[action](request.params.id);
      if (asked.kind !== 'ok') return unavailable(response, asked);
      logger.info({ deadLetterId: request.params.id }, ACTIONS[action].done);
      response.redirect(303, SECTION);
    });
  }
  return router;
}

function send(response: PageResponse, title: string, body: ComponentChildren, status = 200): void {
  sendTitledPage(response, {
    title,
    section: SECTION,
    status,
    children: body,
  });
}

function unavailable(response: PageResponse, asked: Exclude<Asked<unknown>, { kind: 'ok' }>): void {
  const { t } = response.locals.ui;
  if (asked.kind === 'away') {
    send(response, t.operators.deadLetters, <p class="card">{t.operators.bridgeAway}</p>, 502);
    return;
  }
  const body = (
    <p class="card">
      {t.instance.letterGone} <a href={SECTION}>{t.operators.all}</a>
    </p>
  );
  send(response, t.error.notFound, body, 404);
}

interface ConfirmationProps {
  readonly ui: Ui;
  readonly letter: DeadLetter;
  readonly action: Action;
  readonly path: string;
  readonly token: string;
}

function Confirmation({ ui, letter, action, path, token }: ConfirmationProps) {
  const { button, warning } = textsOf(ui.t)[action];
  return (
    <div class="card narrow">
      <LetterFacts ui={ui} letter={letter} />
      <p class="note busy">{warning[letter.direction]}</p>
      <form class="actions" method="post" action={path}>
        <input type="hidden" name="token" value={token} />
        <button class={ACTIONS[action].look} type="submit">
          {button}
        </button>
        <a class="button" href={SECTION}>
          {ui.t.instance.cancel}
        </a>
      </form>
    </div>
  );
}
