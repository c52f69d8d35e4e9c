import type { DeadLetter } from '../../../shared/contracts/dead-letters.ts';
import type { Asked } from '../../bridge-questions.ts';
import { Ago } from '../../looks/times.tsx';
import type { Ui } from '../../looks/ui.ts';
import { FormToken, type Viewer } from '../page.tsx';

export const LETTER_ACTIONS = ['resend', 'discard'] as const;
export type LetterAction = (typeof LETTER_ACTIONS)[number];

const directionOf = ({ t }: Ui, { direction }: DeadLetter): string =>
  direction === 'to_chatwoot' ? t.instance.toChatwoot : t.instance.toWhatsapp;

/** The messages of one instance that were set aside. */
export function Letters({ ui, path, asked }: { ui: Ui; path: string; asked: Asked<{ letters: readonly DeadLetter[] }> }) {
  const { t } = ui;
  if (asked.kind === 'ok' && asked.value.letters.length === 0) return null;
  return (
    <section class="card" id="set-aside" aria-labelledby="letters-title">
      <h2 id="letters-title">{t.instance.setAside}</h2>
      {asked.kind !== 'ok' ? (
        <p class="muted">{t.instance.setAsideAway}</p>
      ) : (
        <>
          <p class="muted small">{t.instance.setAsideHint}</p>
          <ul class="attempts">
            {asked.value.letters.map((letter) => (
              <li>
                <p>
                  <strong>{directionOf(ui, letter)}</strong>{' '}
                  <span class="muted small">
                    {letter.chat} · <Ago ui={ui} at={new Date(letter.created_at)} />
                  </span>
                </p>
                <p>{letter.reason}</p>
                <Actions ui={ui} path={path} letter={letter} />
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

function Actions({ ui: { t }, path, letter }: { ui: Ui; path: string; letter: DeadLetter }) {
  if (letter.state === 'requested') return <span class="busy">{t.instance.isResent}</span>;
  return (
    <div class="actions">
      {letter.resendable ? (
        <a class="button quiet" href={`${path}/messages/${letter.id}/resend`}>
          {t.instance.resend}…
        </a>
      ) : (
        <span class="muted">{t.instance.notResendable}</span>
      )}
      <a class="button quiet danger" href={`${path}/messages/${letter.id}/discard`}>
        {t.instance.discard}…
      </a>
    </div>
  );
}

interface ConfirmProps {
  readonly ui: Ui;
  readonly viewer: Viewer;
  readonly path: string;
  readonly letter: DeadLetter;
  readonly action: LetterAction;
}

/** A second look before a message is sent again or thrown away. */
export function ConfirmLetter({ ui, viewer, path, letter, action }: ConfirmProps) {
  const { t } = ui;
  const target = `${path}/messages/${letter.id}/${action}`;
  const warnings = {
    resend: { to_chatwoot: t.instance.resendToChatwoot, to_whatsapp: t.instance.resendToWhatsapp },
    discard: { to_chatwoot: t.instance.discardToChatwoot, to_whatsapp: t.instance.discardToWhatsapp },
  };
  return (
    <div class="card narrow">
      <dl>
        <dt>{t.instance.direction}</dt>
        <dd>{directionOf(ui, letter)}</dd>
        <dt>{t.instance.chat}</dt>
        <dd>{letter.chat}</dd>
        <dt>{t.instance.since}</dt>
        <dd>
          <Ago ui={ui} at={new Date(letter.created_at)} />
        </dd>
        <dt>{t.instance.reason}</dt>
        <dd>{letter.reason}</dd>
      </dl>
      <p class="note busy">{warnings[action][letter.direction]}</p>
      <form class="actions" method="post" action={target}>
        <FormToken viewer={viewer} path={target} />
        <button class={action === 'discard' ? 'danger' : 'primary'} type="submit">
          {action === 'discard' ? t.instance.discard : t.instance.resend}
        </button>
        <a class="button" href={path}>
          {t.instance.cancel}
        </a>
      </form>
    </div>
  );
}
