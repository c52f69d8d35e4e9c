import type { ComponentChildren } from 'preact';
import { flagNames } from '../../../shared/activations/flags.ts';
import type { Traffic } from '../../../shared/contracts/overview.ts';
import type { Ui } from '../../looks/ui.ts';
import { Fact, type Faults } from '../fields.tsx';
import { hostOf } from '../hosts.ts';
import type { InstanceView } from '../instances/read.ts';
import type { Viewer } from '../page.tsx';
import { Status, stateOf } from '../states.tsx';
import { ActivationForm, type FormValues } from './activation-form.tsx';
import { EngineCard } from './engine-card.tsx';
import { Glance } from './glance.tsx';

export interface BodyProps {
  readonly ui: Ui;
  readonly viewer: Viewer;
  readonly path: string;
  readonly view: InstanceView;
  readonly traffic: Traffic | undefined;
  readonly values: FormValues;
  readonly faults: Faults;
  /** Of a check, and of an activation, that was just asked for. */
  readonly checked: ComponentChildren;
  readonly outcome: ComponentChildren;
  /** What was found when somebody had the connection checked just now. */
  readonly look: ComponentChildren;
  /** Whether the form is what somebody is at. */
  readonly isChanging: boolean;
  readonly notice: string | undefined;
  /** Of a new instance that is being set up. */
  readonly stepper: ComponentChildren;
  readonly letters: ComponentChildren;
  readonly history: ComponentChildren;
  readonly ingestUrl: string;
}

export function InstanceBody(props: BodyProps) {
  const { ui, viewer, path, view, traffic } = props;
  const { t } = ui;
  return (
    <>
      <div class="head">
        <h1>{view.name}</h1>
        <Status ui={ui} state={stateOf(view)} />
        {viewer.kind === 'operator' && <span class="muted">{view.accountName}</span>}
        {view.integration !== undefined && (
          <div class="end">
            <a class="button primary" href={inboxUrl(view)} target="_blank" rel="noreferrer">
              {t.instance.openInbox}
            </a>
          </div>
        )}
      </div>
      {props.stepper}
      {props.notice !== undefined && (
        <div class="note good" role="status">
          <p>
            <strong>{props.notice}</strong>
          </p>
          {view.integration !== undefined && <p>{t.instance.agentsHint}</p>}
        </div>
      )}
      <div class="grid">
        <div>
          {view.integration === undefined ? (
            <>
              <Chatwoot {...props} />
              <Glance ui={ui} path={path} view={view} traffic={traffic} />
            </>
          ) : (
            <>
              <Glance ui={ui} path={path} view={view} traffic={traffic} />
              {props.letters}
              <Chatwoot {...props} />
            </>
          )}
        </div>
        <div>
          <EngineCard ui={ui} viewer={viewer} path={path} view={view} ingestUrl={props.ingestUrl} />
          {props.history}
          <End {...props} />
        </div>
      </div>
    </>
  );
}

/** Where Chatwoot's own dashboard shows the conversations of an inbox. */
const inboxUrl = ({ integration, overview }: InstanceView): string => {
  if (integration === undefined) return '';
  const inboxId = (overview.kind === 'ok' ? overview.value.inbox_id : null) ?? integration.chatwootInboxId;
  const account = `${integration.chatwootBaseUrl}/app/accounts/${integration.chatwootAccountId}`;
  return inboxId === 0 ? `${account}/dashboard` : `${account}/inbox/${inboxId}`;
};

function Chatwoot(props: BodyProps) {
  const { ui, viewer, path, view, values, faults } = props;
  const { t } = ui;
  const { checked, outcome } = props;
  const given = { ui, viewer, path, view, values, faults, checked, outcome };
  const form = <ActivationForm {...given} />;
  const { integration } = view;
  if (integration === undefined) {
    return (
      <section class="card" aria-labelledby="chatwoot-title">
        <h2 id="chatwoot-title">{t.instance.activateTitle}</h2>
        {form}
      </section>
    );
  }
  const options = flagNames.filter((name) => integration[name]).map((name) => t.flags[name][0]);
  const isOpen = props.isChanging;
  return (
    <section class="card" aria-labelledby="chatwoot-title">
      <h2 id="chatwoot-title">{t.instance.chatwoot}</h2>
      <dl>
        <Fact name={t.instance.address}>{integration.chatwootBaseUrl}</Fact>
        <Fact name={t.instance.accountNumber}>{integration.chatwootAccountId}</Fact>
        <Fact name={t.instance.inbox}>{integration.chatwootInboxName}</Fact>
        <Fact name={t.instance.options}>{options.length === 0 ? t.instance.noOptions : options.join(', ')}</Fact>
        {integration.history && (
          <Fact name={t.fields.importHistoryDays[0] ?? ''}>
            {integration.history.days} · {t.instance.historyIs(integration.history)}
          </Fact>
        )}
      </dl>
      <div id="look" aria-live="polite">
        {props.look}
      </div>
      <div class="actions">
        <a
          class="button"
          href={`${path}/look`}
          hx-get={`${path}/look`}
          hx-target="#look"
          hx-swap="innerHTML"
          hx-indicator="#looking"
        >
          {t.instance.lookNow}
        </a>
        <span class="htmx-indicator muted" id="looking" role="status">
          {t.instance.looking}
        </span>
      </div>
      <details id="change" open={isOpen}>
        <summary>{t.instance.change}</summary>
        <p class="muted">{t.instance.changeHint}</p>
        {form}
      </details>
    </section>
  );
}

function End({ ui: { t }, viewer, path, view }: BodyProps) {
  const mayRemove = viewer.kind !== 'instance';
  if (view.integration === undefined && !mayRemove) return null;
  return (
    <section class="card" aria-labelledby="end-title">
      <h2 id="end-title">{t.instance.end}</h2>
      <div class="actions">
        {mayRemove && (
          <a class="button" href={`${path}/token`}>
            {t.tokens.change}
          </a>
        )}
        {view.integration !== undefined && (
          <a class="button danger" href={`${path}/deactivate`}>
            {t.instance.deactivate}
          </a>
        )}
        {mayRemove && (
          <a class="button danger" href={`${path}/delete`}>
            {t.instance.remove}
          </a>
        )}
      </div>
    </section>
  );
}

export const inboxHost = ({ integration }: InstanceView): string => hostOf(integration?.chatwootBaseUrl ?? '');
