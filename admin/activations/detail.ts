import { activationErrorSchema } from '../../shared/activations/error.ts';
import { activationSettingsSchema } from '../../shared/activations/settings.ts';
import { type ActivationTrace, activationTraceSchema } from '../../shared/activations/trace.ts';
import type { PrismaClient } from '../../shared/database/database.ts';
import { errorCatalogue } from '../../shared/errors/catalogue.ts';
import { type Html, html } from '../html.ts';
import { duration, moment } from '../page.ts';
import { chainOf, legend } from './chain.ts';
import { lookOf } from './list.ts';

type Row = NonNullable<Awaited<ReturnType<typeof readActivation>>>;

/** One activation with what hangs on it; undefined where there is none of this id. */
export async function readActivation(prisma: PrismaClient, id: string) {
  if (!/^[\w-]{1,40}$/.test(id)) return undefined;
  const row = await prisma.activation.findUnique({
    where: { id },
    omit: { chatwootToken: true, requestHash: true, idempotencyKey: true },
    include: {
      instance: {
        select: {
          id: true,
          name: true,
          account: { select: { id: true, name: true } },
          integration: { select: { activationId: true, status: true, lastError: true } },
        },
      },
    },
  });
  if (row === null) return undefined;
  const removals = await prisma.removal.findMany({ where: { activationId: id }, orderBy: { createdAt: 'asc' } });
  return { ...row, removals };
}

export function activationBody(row: Row): Html {
  const trace = activationTraceSchema.safeParse(row.trace).data ?? [];
  return html`${outcome(row)}
<h2>What was asked for</h2>
${facts(row)}
<h2>Step by step</h2>
${steps(row, trace)}
${row.removals.length > 0 && removals(row)}`;
}

function outcome(row: Row): Html {
  if (row.state === 'succeeded') {
    const { integration } = row.instance;
    const now = integration === null ? 'It was deactivated since.' : `Its integration is ${integration.status} now.`;
    const replaced = integration !== null && integration.activationId !== row.id ? ' A later activation took its place.' : '';
    return html`<p class="note"><strong class="good">succeeded</strong> as <code>${row.bridgeIntegrationId}</code>. ${now}${replaced}
${integration?.lastError && html`<br>Last error: ${integration.lastError}`}</p>`;
  }
  const error = activationErrorSchema.safeParse(row.error).data;
  if (row.state !== 'failed' || error === undefined) {
    const late = row.deadlineAt.getTime() < Date.now();
    return html`<p class="note"><strong class="busy">${row.state}</strong>, until ${moment(row.deadlineAt)} at the latest.
${late && html`That has passed: no worker has ended it. Look at <a href="/admin/queues">the queues</a> and at the workers.`}</p>`;
  }
  return html`<p class="note bad"><strong class="bad">${error.code}</strong> (HTTP ${error.httpStatus})<br>${error.message}<br>
<span class="muted">${errorCatalogue[error.code].when}
${error.retryable ? 'The same request can succeed later.' : 'The same request will not succeed until somebody changes something.'}</span></p>`;
}

function facts(row: Row): Html {
  const settings = activationSettingsSchema.safeParse(row.settings).data;
  const { instance } = row;
  const options = settings ? Object.entries(settings).flatMap(([name, value]) => (value === true ? [name] : [])) : [];
  return html`<dl>
<dt>Instance</dt><dd>${instance.name} <span class="id muted">${instance.id}</span></dd>
<dt>Account</dt><dd>${instance.account.name} <span class="id muted">${instance.account.id}</span></dd>
<dt>Chatwoot</dt><dd>${settings?.chatwootBaseUrl}, account ${settings?.chatwootAccountId}, inbox “${settings?.inboxName}”</dd>
<dt>Options</dt><dd>${options.length > 0 ? options.join(', ') : 'none'}</dd>
<dt>Activation</dt><dd class="id">${row.id}</dd>
<dt>Request id</dt><dd class="id">${row.requestId ?? '–'} <span class="muted">(the same in every log line)</span></dd>
</dl>`;
}

function steps(row: Row, trace: ActivationTrace): Html {
  const end = row.finishedAt ?? new Date();
  const total = end.getTime() - row.createdAt.getTime();
  return html`<div class="wide"><table>
<thead><tr><th>When</th><th>Where</th><th>What</th><th>Took</th></tr></thead>
<tbody>
<tr><td class="nowrap">${moment(row.createdAt)}</td><td>api</td><td>took the request and queued it</td><td></td></tr>
${trace.map((entry) => attempt(entry))}
${
  trace.length < row.attempt &&
  html`<tr><td></td><td>worker</td><td class="busy">${row.attempt - trace.length} of ${row.attempt} tries left no
trace: still running, or its process died</td><td></td></tr>`
}
<tr><td class="nowrap">${moment(row.finishedAt)}</td><td>api</td><td class="${lookOf(row.state)}">${row.state}</td>
<td class="number">${duration(total)} in all</td></tr>
</tbody></table></div>
${legend}`;
}

function attempt(entry: ActivationTrace[number]): Html {
  const ended = entry.outcome === 'succeeded' ? 'good' : 'bad';
  return html`<tr>
<td class="nowrap">${moment(new Date(entry.startedAt))}</td>
<td>worker<br><span class="id muted">${entry.worker}</span></td>
<td>try ${entry.attempt}: <span class="${ended}">${entry.outcome}</span>
${entry.mayHaveLeft && html` <span class="muted">(may have left something at the bridge)</span>`}${chainOf(entry)}</td>
<td class="nowrap">${parts(entry).map(([name, ms]) => html`${name} ${duration(ms)}<br>`)}</td>
</tr>
`;
}

const parts = ({ queueWaitMs, bridgeMs, chatwootMs, storeMs }: ActivationTrace[number]): [string, number][] =>
  (
    [
      ['waited', queueWaitMs],
      ['bridge', bridgeMs],
      ['of that Chatwoot', chatwootMs],
      ['recorded', storeMs],
    ] as [string, number | undefined][]
  ).filter((part): part is [string, number] => part[1] !== undefined);

const removals = (row: Row): Html => html`<h2>Cleaning up</h2>
<ul>${row.removals.map(
  (
    removal,
  ) => html`<li><a href="/admin/removals?id=${removal.id}">${removal.id}</a> (${removal.reason}): ${removal.state}, ${removal.attempts}
tries${removal.lastError !== '' && html`; last error: ${removal.lastError}`}</li>`,
)}</ul>`;
