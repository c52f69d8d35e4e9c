import { activationErrorSchema } from '../../shared/activations/error.ts';
import { activationSettingsSchema } from '../../shared/activations/settings.ts';
import { activationErrorCodes } from '../../shared/errors/catalogue.ts';
import { plainSentenceOf } from '../console/sentences.ts';
import { SearchButtons } from '../looks/search-buttons.tsx';
import { Clock, duration } from '../looks/times.tsx';
import type { Ui } from '../looks/ui.ts';
import { hostOf } from '../queues/job-facts.ts';
import { type Found, type FoundActivation, type Search, STATES } from './search.ts';

const PATH = '/admin/activations';

/** The form that was sent, and what it found. */
export function ActivationList({ ui, search, found }: { ui: Ui; search: Search; found: Found }) {
  const { t } = ui;
  return (
    <>
      <SearchForm ui={ui} search={search} />
      {found.rows.length === 0 ? <p class="card">{t.operators.noneFits}</p> : <Table ui={ui} rows={found.rows} />}
      <p class="actions">
        {search.after !== '' && (
          <a class="button" href={linkTo({ ...search, after: '' })}>
            {t.operators.newest}
          </a>
        )}
        {found.next !== undefined && (
          <a class="button" rel="next" href={linkTo({ ...search, after: found.next })}>
            {t.operators.older}
          </a>
        )}
      </p>
    </>
  );
}

function SearchForm({ ui, search }: { ui: Ui; search: Search }) {
  const { t } = ui;
  const option = (value: string) => (
    <option value={value} selected={value === search.outcome}>
      {value}
    </option>
  );
  return (
    <form class="search card" method="get" action={PATH}>
      <label>
        {t.operators.instance} <input name="instance" value={search.instance} maxlength={200} />
      </label>
      <label>
        {t.operators.account}{' '}
        <input name="account" value={search.account} maxlength={200} placeholder={t.operators.accountHint} />
      </label>
      <label>
        {t.instance.outcome}{' '}
        <select name="outcome">
          <option value="">{t.operators.any}</option>
          <optgroup label={t.operators.state}>{STATES.map(option)}</optgroup>
          <optgroup label={t.operators.errorCode}>{activationErrorCodes.map(option)}</optgroup>
        </select>
      </label>
      <label>
        {t.operators.from} <input type="datetime-local" name="from" value={search.from} />
      </label>
      <label>
        {t.operators.to} <input type="datetime-local" name="to" value={search.to} />
      </label>
      <SearchButtons ui={ui} path={PATH} />
    </form>
  );
}

function Table({ ui, rows }: { ui: Ui; rows: readonly FoundActivation[] }) {
  const { t } = ui;
  const heads = [t.instance.outcome, t.operators.instance, t.operators.account, 'Chatwoot', t.instance.begun];
  return (
    <div class="card flush wide">
      <table class="stack">
        <thead>
          <tr>
            {heads.map((head) => (
              <th scope="col">{head}</th>
            ))}
            <th scope="col" class="number">
              {t.instance.tries}
            </th>
            <th scope="col" class="number">
              {t.instance.took}
            </th>
            <th scope="col">{t.operators.id}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row ui={ui} row={row} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ ui, row }: { ui: Ui; row: FoundActivation }) {
  const { t } = ui;
  const error = activationErrorSchema.safeParse(row.error).data;
  const settings = activationSettingsSchema.safeParse(row.settings).data;
  const look = lookOf(row.state);
  return (
    <tr>
      <td data-label={t.instance.outcome}>
        <span class="value">
          <span class={`pill ${look}`}>{t.instance[row.state]}</span>
          {error && (
            <>
              <span class="sub clip">{plainSentenceOf(ui, error).text}</span>
              <span class="sub id">{error.code}</span>
            </>
          )}
        </span>
      </td>
      <td data-label={t.operators.instance}>{row.instance.name}</td>
      <td data-label={t.operators.account}>{row.instance.account.name}</td>
      <td data-label="Chatwoot">
        <span class="value">
          {hostOf(settings?.chatwootBaseUrl)} <span class="muted">#{settings?.chatwootAccountId ?? '?'}</span>
        </span>
      </td>
      <td data-label={t.instance.begun} class="nowrap">
        <Clock at={row.createdAt} />
      </td>
      <td data-label={t.instance.tries} class="number">
        {row.attempt}
      </td>
      <td data-label={t.instance.took} class="number">
        {row.finishedAt === null ? '–' : duration(row.finishedAt.getTime() - row.createdAt.getTime())}
      </td>
      <td class="id">
        <a href={`${PATH}/${row.id}`}>{row.id}</a>
      </td>
    </tr>
  );
}

export const lookOf = (state: string): string => (state === 'succeeded' ? 'good' : state === 'failed' ? 'bad' : 'busy');

function linkTo(search: Search): string {
  const given = Object.entries(search).filter(([, value]) => value !== '');
  return `${PATH}?${new URLSearchParams(given)}`;
}
