import { Copy } from '../../looks/copy.tsx';
import { Ago } from '../../looks/times.tsx';
import type { Ui } from '../../looks/ui.ts';
import { canBeChecked, canPair, kindName, setsWebhook } from '../engine-kinds.ts';
import { Fact } from '../fields.tsx';
import type { InstanceView } from '../instances/read.ts';
import type { Viewer } from '../page.tsx';
import type { EngineFound } from '../use-cases.ts';

interface CardProps {
  readonly ui: Ui;
  readonly viewer: Viewer;
  readonly path: string;
  readonly view: InstanceView;
  readonly ingestUrl: string;
}

/** The WhatsApp API of an instance: where it is, how the phone is, whether its events come, and what can be done about it. */
export function EngineCard({ ui, viewer, path, view, ingestUrl }: CardProps) {
  const { t } = ui;
  const { engine } = view;
  const isByHand = engine.webhook === 'not_set_by_ponte';
  const comes = isByHand && setsWebhook(view.engineKind) && view.integration === undefined;
  return (
    <section class="card" aria-labelledby="engine-title">
      <h2 id="engine-title">{t.instance.engine}</h2>
      <dl>
        <Fact name={t.instance.engineKind}>{kindName(view.engineKind)}</Fact>
        <Fact name={t.instance.engineAddress}>{view.engineUrl ?? t.instance.engineDefault}</Fact>
        {view.engineName !== null && <Fact name={t.engine.nameThere}>{view.engineName}</Fact>}
        <Fact name={t.engine.phone}>
          <Phone ui={ui} view={view} />
        </Fact>
        <Fact name={t.engine.webhook}>
          <span class={engine.webhook === 'failing' ? 'bad' : undefined}>
            {comes ? t.engine.webhookComes : t.engine.webhookStates[engine.webhook]}
          </span>
        </Fact>
        {engine.last_event_at !== null && (
          <Fact name={t.engine.lastEvent}>
            <Ago ui={ui} at={new Date(engine.last_event_at)} />
          </Fact>
        )}
        {engine.last_unread !== null && (
          <Fact name={t.engine.unread}>
            {engine.unread_events} · <Ago ui={ui} at={new Date(engine.last_unread.at)} />: {engine.last_unread.reason}
          </Fact>
        )}
      </dl>
      {engine.warnings.length > 0 && (
        <div class="note busy">
          {engine.warnings.map((warning) => (
            <p>{warning}</p>
          ))}
        </div>
      )}
      {isByHand && !comes && (
        <>
          <h3>{t.instance.webhook}</h3>
          <Copy ui={ui} id="ingest" text={ingestUrl} />
          <p class="small muted">{t.instance.webhookHint}</p>
        </>
      )}
      <div id="engine-checked" aria-live="polite" />
      <div class="actions">
        {canBeChecked(view.engineKind) && (
          <a
            class="button"
            href={`${path}/engine/check`}
            hx-get={`${path}/engine/check`}
            hx-target="#engine-checked"
            hx-swap="innerHTML"
            hx-indicator="#engine-checking"
          >
            {t.engine.check}
          </a>
        )}
        {canPair(view.engineKind) && (
          <a class="button" href={`${path}/pair`}>
            {t.engine.pair}
          </a>
        )}
        {viewer.kind !== 'instance' && (
          <a class="button" href={`${path}/engine`}>
            {t.engine.change}
          </a>
        )}
        <span class="htmx-indicator muted" id="engine-checking" role="status">
          {t.engine.checking}
        </span>
      </div>
    </section>
  );
}

/** As told last; an engine that has never told says nothing of it. */
function Phone({ ui, view: { connection } }: { ui: Ui; view: InstanceView }) {
  const { t } = ui;
  if (connection.told === '' && connection.changed_at === null) return <span class="muted">{t.engine.phoneUnknown}</span>;
  const isConnected = connection.state === 'connected';
  return (
    <>
      <span class={isConnected ? 'good' : 'bad'}>{isConnected ? t.engine.phoneConnected : t.engine.phoneAway}</span>
      {!isConnected && <span class="muted"> ({connection.state})</span>}
      {connection.changed_at !== null && (
        <span class="muted">
          {' · '}
          <Ago ui={ui} at={new Date(connection.changed_at)} />
        </span>
      )}
    </>
  );
}

/** What the WhatsApp API has answered just now. */
export function EngineChecked({ ui: { t }, found }: { ui: Ui; found: EngineFound }) {
  const isFine = found.phone === undefined || found.phone === 'connected';
  return (
    <div class={isFine && found.warnings.length === 0 ? 'note good' : 'note busy'} role="status">
      <p>{t.engine.checkFine}</p>
      <dl class="answers">
        {found.phone !== undefined && (
          <Fact name={t.engine.phone}>
            {found.phone === 'connected' ? t.engine.phoneConnected : `${t.engine.phoneAway} (${found.told || found.phone})`}
          </Fact>
        )}
        {found.number !== undefined && <Fact name={t.engine.number}>{found.number}</Fact>}
      </dl>
      {found.warnings.map((warning) => (
        <p>{warning}</p>
      ))}
    </div>
  );
}
