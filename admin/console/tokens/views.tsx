import { Copy } from '../../looks/copy.tsx';
import { Clock } from '../../looks/times.tsx';
import type { Ui } from '../../looks/ui.ts';
import { ConfirmDeletion } from '../instance/confirm.tsx';
import { FormToken, type Viewer } from '../page.tsx';
import type { RenewedToken } from '../use-cases.ts';

/** What an account and an instance both keep of their tokens besides the hashes. */
export interface TokenDates {
  readonly tokenRevokedAt: Date | null;
  readonly previousTokenEndsAt: Date | null;
}

/** Whether the token opens anything, and until when the one before does as well. */
export function TokenState({ ui: { t }, dates }: { ui: Ui; dates: TokenDates }) {
  const { tokenRevokedAt, previousTokenEndsAt } = dates;
  if (tokenRevokedAt !== null) {
    return (
      <p>
        {t.tokens.revokedSince} <Clock at={tokenRevokedAt} />
      </p>
    );
  }
  if (previousTokenEndsAt === null || previousTokenEndsAt <= new Date()) return <p>{t.tokens.valid}</p>;
  return (
    <p>
      {t.tokens.bothUntil} <Clock at={previousTokenEndsAt} />
    </p>
  );
}

/** In seconds. */
const OVERLAPS = [86_400, 3_600, 0] as const;

interface FormProps {
  readonly ui: Ui;
  readonly viewer: Viewer;
  /** Where the form is posted to. */
  readonly target: string;
}

export function RenewForm({ ui: { t }, viewer, target }: FormProps) {
  return (
    <section class="card narrow" aria-labelledby="renew-title">
      <h2 id="renew-title">{t.tokens.renewTitle}</h2>
      <p class="muted">{t.tokens.renewHint}</p>
      <form method="post" action={target}>
        <FormToken viewer={viewer} path={target} />
        <div class="field">
          <label for="overlap">{t.tokens.overlap}</label>
          <select id="overlap" name="overlap">
            {OVERLAPS.map((seconds) => (
              <option value={String(seconds)}>{t.tokens.overlaps[seconds]}</option>
            ))}
          </select>
        </div>
        <div class="actions">
          <button class="primary" type="submit">
            {t.tokens.renew}
          </button>
        </div>
      </form>
    </section>
  );
}

/** As `POST /api/account/token` and `POST /api/instance/token/:instance` take it. */
export const renewalIn = (form: Readonly<Record<string, unknown>>): unknown => ({ overlapSeconds: Number(form.overlap) });

interface RevokeProps extends FormProps {
  /** What has to be typed. */
  readonly name: string;
  readonly what: string;
  readonly back: string;
  readonly isWrong: boolean;
}

export function RevokeForm({ ui, viewer, target, name, what, back, isWrong }: RevokeProps) {
  return (
    <>
      <h2>{ui.t.tokens.revokeTitle}</h2>
      <ConfirmDeletion
        ui={ui}
        viewer={viewer}
        target={target}
        path={back}
        name={name}
        button={ui.t.tokens.revoke}
        isWrong={isWrong}
      >
        <p>{what}</p>
      </ConfirmDeletion>
    </>
  );
}

/** A new token, this once. */
export function ShownToken(props: { ui: Ui; renewed: RenewedToken; back: string; isFirst?: boolean }) {
  const { ui, renewed, back } = props;
  const { t } = ui;
  return (
    <section class="card narrow" aria-labelledby="token-title">
      <h2 id="token-title">{t.tokens.newToken}</h2>
      <Copy ui={ui} id="new-token" text={renewed.token} />
      <p class="note busy">{t.tokens.shownOnce}</p>
      {props.isFirst !== true && (
        <p>
          {renewed.previousEndsAt === null ? (
            t.tokens.oldEnded
          ) : (
            <>
              {t.tokens.oldEnds} <Clock at={renewed.previousEndsAt} />
            </>
          )}
        </p>
      )}
      <div class="actions">
        <a class="button" href={back}>
          {t.instance.back}
        </a>
      </div>
    </section>
  );
}
