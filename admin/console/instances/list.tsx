import { COUNTED_UP_TO } from '../../../shared/contracts/overview.ts';
import { localeOf } from '../../languages/languages.ts';
import { Ago } from '../../looks/times.tsx';
import type { Ui } from '../../looks/ui.ts';
import { kindName } from '../engine-kinds.ts';
import { hostOf } from '../hosts.ts';
import type { Viewer } from '../page.tsx';
import { Status, stateOf } from '../states.tsx';
import { type Found, type InstanceView, PAGE_SIZE, type Search, SHOWN, type Shown } from './read.ts';

interface ListProps {
  readonly ui: Ui;
  readonly viewer: Viewer;
  readonly search: Search;
  readonly found: Found;
}

/** How often the list looks again while somebody looks at it. */
const REFRESH = 'every 5s';

export const listPath = ({ base }: Pick<Viewer, 'base'>): string => (base === '' ? '/' : '/admin/instances');
const partPath = ({ base }: Pick<Viewer, 'base'>): string => `${base}/instances`;
export const instancePath = ({ base }: Pick<Viewer, 'base'>, { id, name }: { id: string; name: string }): string =>
  base === '' ? `/instances/${name}` : `/admin/instances/${id}`;

/** The page: tabs, search, and the list that keeps itself up to date. */
export function ListPage({ ui, viewer, search, found }: ListProps) {
  const { t } = ui;
  return (
    <>
      <div class="head">
        <h1>{t.instances.title}</h1>
        <span class="beat">{t.instances.live}</span>
        {viewer.kind === 'account' && (
          <div class="end">
            <a class="button primary" href="/new">
              {t.nav.newInstance}
            </a>
          </div>
        )}
      </div>
      <List ui={ui} viewer={viewer} search={search} found={found} />
    </>
  );
}

/** What is looked at again every few seconds. */
export function List({ ui, viewer, search, found }: ListProps) {
  const { t } = ui;
  const total = found.counts[search.show];
  return (
    <div id="instances" hx-get={linkTo(partPath(viewer), search)} hx-trigger={REFRESH} hx-swap="outerMorph">
      <div class="toolbar">
        <nav class="tabs" aria-label={t.instances.status}>
          {SHOWN.map((show) => (
            <Tab ui={ui} viewer={viewer} search={search} show={show} count={found.counts[show]} />
          ))}
        </nav>
        <search>
          <form method="get" action={listPath(viewer)}>
            {search.show !== 'all' && <input type="hidden" name="show" value={search.show} />}
            <input
              id="q"
              type="search"
              name="q"
              value={search.q}
              aria-label={t.instances.search}
              placeholder={t.instances.search}
            />
            <button type="submit">{t.instances.searchButton}</button>
          </form>
        </search>
      </div>
      {!found.isLive && (
        <p class="note busy" role="status">
          {t.instances.bridgeAway}
        </p>
      )}
      {found.rows.length === 0 ? (
        <Empty ui={ui} viewer={viewer} search={search} />
      ) : (
        <Table ui={ui} viewer={viewer} rows={found.rows} />
      )}
      {total > PAGE_SIZE && <Pages ui={ui} viewer={viewer} search={search} total={total} />}
    </div>
  );
}

function Tab({ ui, viewer, search, show, count }: Omit<ListProps, 'found'> & { show: Shown; count: number }) {
  return (
    <a href={linkTo(listPath(viewer), { ...search, show, page: 1 })} aria-current={show === search.show ? 'true' : undefined}>
      {ui.t.instances[show]} <span class="count">{new Intl.NumberFormat(localeOf[ui.language]).format(count)}</span>
    </a>
  );
}

function Empty({ ui: { t }, viewer, search }: Omit<ListProps, 'found'>) {
  const isFiltered = search.q !== '' || search.show !== 'all' || search.page !== 1;
  return (
    <div class="card">
      <p>{isFiltered ? t.instances.noneFits : t.instances.none}</p>
      {!isFiltered && viewer.kind === 'account' && (
        <a class="button primary" href="/new">
          {t.instances.createFirst}
        </a>
      )}
    </div>
  );
}

function Table({ ui, viewer, rows }: { ui: Ui; viewer: Viewer; rows: readonly InstanceView[] }) {
  const { t } = ui;
  return (
    <div class="card flush wide">
      <table class="stack">
        <thead>
          <tr>
            <th scope="col">{t.instances.instance}</th>
            <th scope="col">{t.instances.status}</th>
            <th scope="col">{t.instances.inbox}</th>
            <th scope="col">{t.instances.lastIn}</th>
            <th scope="col">{t.instances.lastOut}</th>
            <th scope="col" class="number">
              {t.instances.waiting}
            </th>
            <th scope="col" class="number">
              {t.instances.setAside}
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row ui={ui} viewer={viewer} row={row} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ ui, viewer, row }: { ui: Ui; viewer: Viewer; row: InstanceView }) {
  const { t } = ui;
  const known = row.overview.kind === 'ok' ? row.overview.value : undefined;
  const waiting = row.waitingToChatwoot + (known?.waiting_to_whatsapp ?? 0);
  const setAside = known?.set_aside ?? 0;
  return (
    <tr id={row.id}>
      <td class="main">
        <a class="name" href={instancePath(viewer, row)}>
          {row.name}
        </a>
        <span class="sub">
          {viewer.kind === 'operator' && `${row.accountName} · `}
          {kindName(row.engineKind)} · {row.engineUrl === null ? t.instances.defaultEngine : hostOf(row.engineUrl)}
        </span>
      </td>
      <td data-label={t.instances.status}>
        <span class="value">
          <Status ui={ui} state={stateOf(row)} />
          {known !== undefined && known.status !== 'active' && <span class="sub clip">{known.last_error}</span>}
          <EngineLine ui={ui} row={row} />
        </span>
      </td>
      <td data-label={t.instances.inbox}>
        {row.integration && (
          <span class="value">
            {known?.inbox_name || row.integration.chatwootInboxName}
            <span class="sub">
              {hostOf(row.integration.chatwootBaseUrl)} #{row.integration.chatwootAccountId}
            </span>
          </span>
        )}
      </td>
      <td data-label={t.instances.lastIn} class="nowrap">
        {row.integration && <LastMessage ui={ui} at={known?.last_to_chatwoot_at} />}
      </td>
      <td data-label={t.instances.lastOut} class="nowrap">
        {row.integration && <LastMessage ui={ui} at={known?.last_to_whatsapp_at} />}
      </td>
      <td data-label={t.instances.waiting} class="number">
        {row.integration && <Count count={waiting} />}
      </td>
      <td data-label={t.instances.setAside} class="number">
        {row.integration && (
          <span class={setAside > 0 ? 'bad' : undefined}>
            <Count count={setAside} />
          </span>
        )}
      </td>
    </tr>
  );
}

/** How the phone is, where it was ever told, and what its owner should look at. */
function EngineLine({ ui: { t }, row }: { ui: Ui; row: InstanceView }) {
  const [warning] = row.engine.warnings;
  const isKnown = row.connection.told !== '' || row.connection.changed_at !== null;
  return (
    <>
      {isKnown && <span class="sub">{row.connection.state === 'connected' ? t.engine.phoneConnected : t.engine.phoneAway}</span>}
      {warning !== undefined && <span class="sub clip busy">{warning}</span>}
    </>
  );
}

const LastMessage = ({ ui, at }: { ui: Ui; at: string | null | undefined }) => (
  <span class={at ? 'value' : 'value muted'}>{at ? <Ago ui={ui} at={new Date(at)} /> : ui.t.instances.never}</span>
);

/** A count that ends where counting did. */
export const Count = ({ count }: { count: number }) => (
  <span class={count === 0 ? 'muted' : undefined}>{count >= COUNTED_UP_TO ? `${COUNTED_UP_TO}+` : count}</span>
);

function Pages({ ui, viewer, search, total }: Omit<ListProps, 'found'> & { total: number }) {
  const { t } = ui;
  const from = (search.page - 1) * PAGE_SIZE + 1;
  const to = Math.min(total, search.page * PAGE_SIZE);
  return (
    <nav class="pages" aria-label={t.instances.range(from, to, total)}>
      <span>{t.instances.range(from, to, total)}</span>
      {search.page > 1 && (
        <a class="button quiet" rel="prev" href={linkTo(listPath(viewer), { ...search, page: search.page - 1 })}>
          {t.instances.previous}
        </a>
      )}
      {to < total && (
        <a class="button quiet" rel="next" href={linkTo(listPath(viewer), { ...search, page: search.page + 1 })}>
          {t.instances.next}
        </a>
      )}
    </nav>
  );
}

function linkTo(path: string, { q, show, page }: Search): string {
  const given = new URLSearchParams();
  if (q !== '') given.set('q', q);
  if (show !== 'all') given.set('show', show);
  if (page !== 1) given.set('page', String(page));
  return given.size === 0 ? path : `${path}?${given}`;
}
