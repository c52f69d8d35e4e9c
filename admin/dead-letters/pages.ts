import { type Request, type Response, Router } from 'express';
import { type DeadLetter, deadLetterQuerySchema } from '../../shared/contracts/dead-letters.ts';
import type { Logger } from '../../shared/logging/logger.ts';
import type { FormTokens } from '../form-token.ts';
import { type Html, html } from '../html.ts';
import { sendPage } from '../page.ts';
import type { Asked, DeadLetterClient } from './client.ts';
import { letterFacts, listBody, SECTION } from './views.ts';

const ACTIONS = {
  resend: {
    title: 'Send this message again?',
    button: 'Send again',
    warning: {
      to_chatwoot: 'It appears in Chatwoot as soon as the bridge gets to it, behind what has arrived there since.',
      to_whatsapp:
        'It goes out to WhatsApp as soon as the bridge gets to it. If the reason says that nobody knows whether it was sent, the customer may get it twice: look at the phone first.',
    },
    done: 'an operator has a message sent again',
  },
  discard: {
    title: 'Discard this message?',
    button: 'Discard for good',
    warning: {
      to_chatwoot: 'Nobody in Chatwoot will ever see it. It is still on the phone.',
      to_whatsapp: 'It is never sent. In Chatwoot it stays marked as failed.',
    },
    done: 'an operator has discarded a message',
  },
} as const;
type Action = keyof typeof ACTIONS;

/** `/admin/dead-letters`: messages that could not be relayed. Each can be sent again, or discarded, after a second look. */
export function createDeadLetterPages(deps: { client: DeadLetterClient | undefined; forms: FormTokens; logger: Logger }): Router {
  const { client, forms, logger } = deps;
  const router = Router();
  if (client === undefined) {
    router.use((_request, response) => sendPage(response, { title: 'Dead letters', section: SECTION, body: OFF }));
    return router;
  }

  router.get('/', async (request, response) => {
    const query = deadLetterQuerySchema.parse(request.query);
    const asked = await client.list(query);
    if (asked.kind !== 'ok') return unavailable(response, asked);
    sendPage(response, { title: 'Dead letters', section: SECTION, body: listBody(query, asked.value) });
  });
  for (const action of Object.keys(ACTIONS) as Action[]) {
    router.get(`/:id/${action}`, async (request, response) => {
      const asked = await client.get(request.params.id);
      if (asked.kind !== 'ok') return unavailable(response, asked);
      if (action === 'resend' && !asked.value.resendable) return unavailable(response, { kind: 'absent' });
      const path = `${SECTION}/${asked.value.id}/${action}`;
      const body = confirmation(asked.value, action, path, forms.issue(path));
      sendPage(response, { title: ACTIONS[action].title, section: SECTION, body });
    });
    router.post(`/:id/${action}`, forms.required, async (request: Request<{ id: string }>, response) => {
      const asked = await client[action](request.params.id);
      if (asked.kind !== 'ok') return unavailable(response, asked);
      logger.info({ deadLetterId: request.params.id }, ACTIONS[action].done);
      response.redirect(303, SECTION);
    });
  }
  return router;
}

function unavailable(response: Response, asked: Exclude<Asked<unknown>, { kind: 'ok' }>): void {
  if (asked.kind === 'absent') sendPage(response, { title: 'Not found', section: SECTION, body: GONE, status: 404 });
  else sendPage(response, { title: 'Dead letters', section: SECTION, body: AWAY, status: 502 });
}

const OFF = html`<p>There is no bridge: <code>BRIDGE_URL</code> and <code>BRIDGE_TOKEN</code> are not set.</p>`;
const GONE = html`<p>This message cannot be sent again: it was sent or discarded meanwhile, or its integration was deactivated. <a href="${SECTION}">All dead letters</a></p>`;
const AWAY = html`<p>The bridge cannot be asked, or it is one that does not tell of its dead letters. <code>/readyz</code> says whether it
answers; what it has set aside is safe in its database meanwhile.</p>`;

const confirmation = (letter: DeadLetter, action: Action, path: string, token: string): Html => html`${letterFacts(letter)}
<p class="note">${ACTIONS[action].warning[letter.direction]}</p>
<form class="actions" method="post" action="${path}"><input type="hidden" name="token" value="${token}">
<button${action === 'discard' && html` class="danger"`}>${ACTIONS[action].button}</button> <a href="${SECTION}">Cancel</a></form>`;
