import type { DeadLetter, DeadLetterQuery } from '../../shared/contracts/dead-letters.ts';
import { type Html, html } from '../html.ts';
import { moment } from '../page.ts';

export const SECTION = '/admin/dead-letters';
const DIRECTIONS = { to_chatwoot: 'WhatsApp → Chatwoot', to_whatsapp: 'Chatwoot → WhatsApp' } as const;

export function listBody(query: DeadLetterQuery, found: { letters: readonly DeadLetter[]; next: string | undefined }): Html {
  const { letters, next } = found;
  return html`<p>Messages that could not be delivered, and were set aside so that they do not hold up those behind them. What is said in them is
not shown here. Mend what the reason names, then send them again.</p>
${form(query)}
${letters.length === 0 ? html`<p>Nothing is set aside.</p>` : table(letters)}
${next !== undefined && html`<p class="actions"><a class="button" rel="next" href="${SECTION}?${search({ ...query, after: next })}">Older</a></p>`}`;
}

/** What is known of one, above the question what to do with it. */
export const letterFacts = (letter: DeadLetter): Html => html`<dl>
<dt>Instance</dt><dd>${letter.instance}</dd>
<dt>Direction</dt><dd>${DIRECTIONS[letter.direction]}</dd>
<dt>Chat</dt><dd>${letter.chat}</dd>
<dt>Set aside</dt><dd>${moment(new Date(letter.created_at))}, after ${letter.attempts} tries</dd>
<dt>Reason</dt><dd>${letter.reason}</dd>
<dt>Id</dt><dd class="id">${letter.id}</dd>
</dl>`;

function form({ instance = '', direction }: DeadLetterQuery): Html {
  const options = Object.entries(DIRECTIONS).map(
    ([value, name]) => html`<option value="${value}"${value === direction && html` selected`}>${name}</option>`,
  );
  return html`<form class="search" method="get" action="${SECTION}">
<label>Instance <input name="instance" value="${instance}" maxlength="200"></label>
<label>Direction <select name="direction"><option value="">both</option>${options}</select></label>
<button>Search</button> <a href="${SECTION}">Clear</a>
</form>`;
}

const table = (letters: readonly DeadLetter[]): Html => html`<div class="wide"><table>
<thead><tr><th>Set aside</th><th>Instance</th><th>Direction</th><th>Chat</th><th>Tries</th><th>Reason</th><th></th></tr></thead>
<tbody>${letters.map(tableRow)}</tbody></table></div>`;

const tableRow = (letter: DeadLetter): Html => html`<tr>
<td class="nowrap">${moment(new Date(letter.created_at))}</td>
<td>${letter.instance}</td>
<td class="nowrap">${DIRECTIONS[letter.direction]}</td>
<td>${letter.chat}${letter.conversation_id !== null && html` <span class="muted">#${letter.conversation_id}</span>`}</td>
<td class="number">${letter.attempts}</td>
<td>${letter.reason}</td>
<td class="nowrap">${actions(letter)}</td>
</tr>
`;

function actions({ id, state, resendable }: DeadLetter): Html {
  if (state === 'requested') return html`<span class="busy">is sent again</span>`;
  const resend = resendable
    ? html`<a class="button" href="${SECTION}/${id}/resend">Send again…</a>`
    : html`<span class="muted">deactivated</span>`;
  return html`${resend} <a class="button" href="${SECTION}/${id}/discard">Discard…</a>`;
}

function search(query: DeadLetterQuery): string {
  const given = Object.entries(query).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string' && entry[1] !== '',
  );
  return new URLSearchParams(given).toString();
}
