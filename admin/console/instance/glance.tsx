import type { Traffic } from '../../../shared/contracts/overview.ts';
import { Ago } from '../../looks/times.tsx';
import type { Ui } from '../../looks/ui.ts';
import { Count } from '../instances/list.tsx';
import type { InstanceView } from '../instances/read.ts';
import { Status, stateOf } from '../states.tsx';
import type { LiveLook } from '../use-cases.ts';

interface GlanceProps {
  readonly ui: Ui;
  readonly path: string;
  readonly view: InstanceView;
  /** Undefined where the bridge did not say. */
  readonly traffic: Traffic | undefined;
}

/** How the instance is now; looks again by itself while somebody looks at it. */
export function Glance({ ui, path, view, traffic }: GlanceProps) {
  const { t } = ui;
  const state = stateOf(view);
  const known = view.overview.kind === 'ok' ? view.overview.value : undefined;
  const reason = known !== undefined && (known.last_error || known.phone_state);
  return (
    <section
      class="card"
      id="glance"
      aria-labelledby="glance-title"
      hx-get={`${path}/glance`}
      hx-trigger="every 4s"
      hx-swap="outerMorph"
    >
      <div class="title">
        <h2 id="glance-title">{t.instance.overview}</h2>
        <Status ui={ui} state={state} />
      </div>
      <div role="status">
        <p>{t.statusMeans[state]}</p>
        {reason && <p class={state === 'error' ? 'note bad' : 'note busy'}>{reason}</p>}
      </div>
      {view.integration !== undefined && (
        <>
          <div class="flows">
            <Flow
              ui={ui}
              title={t.instance.toChatwoot}
              at={known?.last_to_chatwoot_at}
              last24h={traffic?.to_chatwoot}
              waiting={view.waitingToChatwoot}
            />
            <Flow
              ui={ui}
              title={t.instance.toWhatsapp}
              at={known?.last_to_whatsapp_at}
              last24h={traffic?.to_whatsapp}
              waiting={known?.waiting_to_whatsapp ?? 0}
            />
          </div>
          <p class="small muted">{t.instance.proofHint}</p>
        </>
      )}
    </section>
  );
}

interface FlowProps {
  readonly ui: Ui;
  readonly title: string;
  readonly at: string | null | undefined;
  readonly last24h: number | undefined;
  readonly waiting: number;
}

function Flow({ ui, title, at, last24h, waiting }: FlowProps) {
  const { t } = ui;
  return (
    <div class={at ? 'flow seen' : 'flow'}>
      <h3>{title}</h3>
      <span class="big">{at ? <Ago ui={ui} at={new Date(at)} /> : t.instance.nothingYet}</span>
      {last24h !== undefined && (
        <span class="small muted">
          {t.instance.last24h}: {t.instance.messages(last24h)}
        </span>
      )}
      {waiting > 0 && (
        <span class="small busy">
          {' · '}
          {t.instance.waiting}: <Count count={waiting} />
        </span>
      )}
    </div>
  );
}

/** What Chatwoot and the bridge say when they are asked now. */
export function Look({ ui: { t }, look }: { ui: Ui; look: LiveLook }) {
  if (!look.available) return <p class="note busy">{t.instance.lookAway}</p>;
  const answers = [
    [t.instance.lookToken, look.tokenValid],
    [t.instance.lookInbox, look.inboxExists],
    [t.instance.lookWebhook, look.webhookIsOurs],
    [t.instance.lookStream, look.streamConnected],
  ] as const;
  return (
    <div class={look.lastError === '' ? 'note good' : 'note bad'} role="status">
      <p>{look.lastError === '' ? t.instance.lookFine : look.lastError}</p>
      <dl class="answers">
        {answers.map(([question, answer]) => (
          <>
            <dt>{question}</dt>
            <dd class={answer === null ? 'muted' : answer ? 'good' : 'bad'}>
              {answer === null ? t.instance.notKnown : answer ? t.instance.yes : t.instance.no}
            </dd>
          </>
        ))}
      </dl>
    </div>
  );
}
