import type { Ui } from '../looks/ui.ts';

/** What those see who are not logged in: what this is, and the way in. */
export function Front({ ui, formToken, fault, notice }: { ui: Ui; formToken: string; fault?: string; notice?: string }) {
  const { t } = ui;
  return (
    <>
      <div class="hero">
        <div>
          <h1>{t.front.title}</h1>
          <p class="lead">{t.front.lead}</p>
        </div>
        <section class="card" aria-labelledby="log-in">
          <h2 id="log-in">{t.front.logIn}</h2>
          {notice !== undefined && (
            <p class="note good" role="status">
              {notice}
            </p>
          )}
          <form method="post" action="/login">
            <input type="hidden" name="token" value={formToken} />
            <div class="field">
              <label for="secret">{t.front.token}</label>
              <span class="hint" id="secret-hint">
                {t.front.tokenHint}
              </span>
              <input
                id="secret"
                name="secret"
                type="password"
                required
                autocomplete="current-password"
                aria-describedby="secret-hint secret-fault"
                aria-invalid={fault === undefined ? undefined : 'true'}
              />
              <p class="fault" id="secret-fault" data-for="secret" role={fault === undefined ? undefined : 'alert'}>
                {fault}
              </p>
            </div>
            <button class="primary" type="submit">
              {t.front.logIn}
            </button>
          </form>
          <details>
            <summary>{t.front.noToken}</summary>
            <p>{t.front.noTokenHelp}</p>
            <pre>npx ponte account create "My company"</pre>
          </details>
        </section>
      </div>
      <div class="points">
        {t.front.points.map(([title, text]) => (
          <section class="card">
            <h2>{title}</h2>
            <p>{text}</p>
          </section>
        ))}
      </div>
    </>
  );
}
