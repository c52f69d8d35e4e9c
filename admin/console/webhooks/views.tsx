import { Copy } from '../../looks/copy.tsx';
import { Ago } from '../../looks/times.tsx';
import type { Ui } from '../../looks/ui.ts';
import { type Faults, Field } from '../fields.tsx';
import { FormToken, type Viewer } from '../page.tsx';
import type { ConsoleDelivery, ConsoleWebhook } from './use-cases.ts';

interface Props {
  readonly ui: Ui;
  readonly viewer: Viewer;
  /** Where the pages of webhooks are. */
  readonly path: string;
}

/** The webhooks of an account, and what came of the last event of each. */
export function Webhooks({ ui, viewer, path, webhooks }: Props & { webhooks: readonly ConsoleWebhook[] }) {
  const { t } = ui;
  if (webhooks.length === 0) return <p class="card narrow">{t.webhooks.none}</p>;
  return (
    <div class="card flush wide">
      <table class="stack">
        <thead>
          <tr>
            <th>{t.webhooks.address}</th>
            <th>{t.webhooks.events}</th>
            <th>{t.webhooks.last}</th>
            <th>{t.webhooks.actions}</th>
          </tr>
        </thead>
        <tbody>
          {webhooks.map(({ id, url, events, enabled, disabledReason, last }) => (
            <tr>
              <td>{url}</td>
              <td>{events.length === 0 ? t.webhooks.all : events.join(', ')}</td>
              <td>{enabled ? <Last ui={ui} last={last} /> : `${t.webhooks.disabled} ${disabledReason}`}</td>
              <td>
                <div class="actions">
                  {enabled ? (
                    <Action viewer={viewer} target={`${path}/${id}/test`} text={t.webhooks.test} about={url} />
                  ) : (
                    <Action viewer={viewer} target={`${path}/${id}/enable`} text={t.webhooks.enable} about={url} />
                  )}
                  <Action viewer={viewer} target={`${path}/${id}/delete`} text={t.webhooks.remove} about={url} />
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Last({ ui, last }: { ui: Ui; last: ConsoleDelivery | undefined }) {
  if (last === undefined) return <>–</>;
  return (
    <>
      {last.type}: {ui.t.webhooks.states[last.state]}
      {last.state === 'delivered' || last.lastDetail === '' ? '' : ` (${last.lastDetail})`}
      {last.lastAttemptAt !== null && (
        <>
          {' '}
          <Ago ui={ui} at={last.lastAttemptAt} />
        </>
      )}
    </>
  );
}

/** `about` tells the buttons of several rows apart for whoever hears them. */
const Action = ({ viewer, target, text, about }: { viewer: Viewer; target: string; text: string; about: string }) => (
  <form method="post" action={target}>
    <FormToken viewer={viewer} path={target} />
    <button class="quiet" type="submit" aria-label={`${text}: ${about}`}>
      {text}
    </button>
  </form>
);

export function AddForm({ ui, viewer, path, url, faults, fault }: Props & { url: string; faults: Faults; fault: string }) {
  const { t } = ui;
  return (
    <section class="card narrow" aria-labelledby="add-title">
      <h2 id="add-title">{t.webhooks.addTitle}</h2>
      {fault !== '' && faults.url === undefined && <p class="note bad">{fault}</p>}
      <form method="post" action={path}>
        <FormToken viewer={viewer} path={path} />
        <Field name="url" texts={t.webhooks.addressField} type="url" value={url} fault={faults.url} isRequired />
        <div class="actions">
          <button class="primary" type="submit">
            {t.webhooks.add}
          </button>
        </div>
      </form>
    </section>
  );
}

/** The secret of a new one, this once. */
export const ShownSecret = ({ ui, secret, back }: { ui: Ui; secret: string; back: string }) => (
  <section class="card narrow" aria-labelledby="secret-title">
    <h2 id="secret-title">{ui.t.webhooks.secret}</h2>
    <p>{ui.t.webhooks.secretHint}</p>
    <Copy ui={ui} id="new-secret" text={secret} />
    <p class="note busy">{ui.t.tokens.shownOnce}</p>
    <div class="actions">
      <a class="button" href={back}>
        {ui.t.instance.back}
      </a>
    </div>
  </section>
);
