import { activationErrorSchema } from '../../shared/activations/error.ts';
import { activationSettingsSchema } from '../../shared/activations/settings.ts';
import { activationErrorCodes } from '../../shared/errors/catalogue.ts';
import { type Html, html } from '../html.ts';
import { duration, moment } from '../page.ts';
import { hostOf } from '../queues/job-facts.ts';
import { type Found, type FoundActivation, type Search, STATES } from './search.ts';

/** The form that was sent, and what it found. */
export function listBody(search: Search, { rows, next }: Found): Html {
  return html`${form(search)}
${rows.length === 0 ? html`<p>No activation fits this.</p>` : table(rows)}
<p class="actions">
${search.after !== '' && html`<a class="button" href="${linkTo({ ...search, after: '' })}">Newest</a>`}
${next !== undefined && html`<a class="button" rel="next" href="${linkTo({ ...search, after: next })}">Older</a>`}
</p>`;
}

function form({ instance, account, outcome, from, to }: Search): Html {
  const option = (value: string) => html`<option value="${value}"${value === outcome && html` selected`}>${value}</option>`;
  return html`<form class="search" method="get" action="/admin/activations">
<label>Instance <input name="instance" value="${instance}" maxlength="200"></label>
<label>Account <input name="account" value="${account}" maxlength="200" placeholder="name or id"></label>
<label>Outcome <select name="outcome"><option value="">any</option>
<optgroup label="State">${STATES.map(option)}</optgroup>
<optgroup label="Error code">${activationErrorCodes.map(option)}</optgroup></select></label>
<label>From (UTC) <input type="datetime-local" name="from" value="${from}"></label>
<label>To (UTC) <input type="datetime-local" name="to" value="${to}"></label>
<button>Search</button> <a href="/admin/activations">Clear</a>
</form>`;
}

function table(rows: readonly FoundActivation[]): Html {
  return html`<div class="wide"><table>
<thead><tr><th>Begun</th><th>Instance</th><th>Account</th><th>Chatwoot</th><th>Outcome</th><th>Tries</th><th>Took</th><th>Id</th></tr></thead>
<tbody>${rows.map(tableRow)}</tbody></table></div>`;
}

function tableRow(row: FoundActivation): Html {
  const error = activationErrorSchema.safeParse(row.error).data;
  const settings = activationSettingsSchema.safeParse(row.settings).data;
  return html`<tr>
<td class="nowrap">${moment(row.createdAt)}</td>
<td>${row.instance.name}</td>
<td>${row.instance.account.name}</td>
<td>${hostOf(settings?.chatwootBaseUrl)} <span class="muted">#${settings?.chatwootAccountId ?? '?'}</span></td>
<td class="${lookOf(row.state)}">${error?.code ?? row.state}</td>
<td class="number">${row.attempt}</td>
<td class="number">${row.finishedAt === null ? '–' : duration(row.finishedAt.getTime() - row.createdAt.getTime())}</td>
<td class="id"><a href="/admin/activations/${row.id}">${row.id}</a></td>
</tr>
`;
}

export const lookOf = (state: string): string => (state === 'succeeded' ? 'good' : state === 'failed' ? 'bad' : 'busy');

function linkTo(search: Search): string {
  const given = Object.entries(search).filter(([, value]) => value !== '');
  return `/admin/activations?${new URLSearchParams(given)}`;
}
