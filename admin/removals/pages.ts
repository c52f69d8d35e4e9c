import { Router } from 'express';
import { z } from 'zod';
import type { RemovalJob } from '../../shared/activations/job.ts';
import type { PrismaClient } from '../../shared/database/database.ts';
import type { Logger } from '../../shared/logging/logger.ts';
import type { JobQueue } from '../../shared/queue/job-queue.ts';
import type { FormTokens } from '../form-token.ts';
import { type Html, html } from '../html.ts';
import { duration, moment, sendPage } from '../page.ts';

const SECTION = '/admin/removals';
const STATES = ['pending', 'dead', 'done'] as const;
const SHOWN = 100;
const idSchema = z.string().regex(/^[\w-]{1,40}$/);
const searchSchema = z.object({
  state: z.enum(STATES).optional().catch(undefined),
  id: idSchema.optional().catch(undefined),
});

type Row = Awaited<ReturnType<typeof readRemovals>>[number];

/** `/admin/removals`: what the bridge still has to remove, and what it could not. One can be tried again at once. */
export function createRemovalPages(deps: {
  prisma: PrismaClient;
  removals: Pick<JobQueue<RemovalJob>, 'ensure'>;
  forms: FormTokens;
  logger: Logger;
}): Router {
  const { prisma, forms } = deps;
  const router = Router();
  router.get('/', async (request, response) => {
    const search = searchSchema.parse(request.query);
    sendPage(response, { title: 'Removals', section: SECTION, body: listBody(search.state, await readRemovals(prisma, search)) });
  });

  router.get('/:id/retry', async (request, response) => {
    const [row] = await readRemovals(prisma, { id: idSchema.catch('none').parse(request.params.id) });
    if (row === undefined || row.state === 'done') {
      return sendPage(response, { title: 'Not found', section: SECTION, body: NOTHING, status: 404 });
    }
    const path = `${SECTION}/${row.id}/retry`;
    sendPage(response, { title: 'Try this removal again?', section: SECTION, body: confirmation(row, path, forms.issue(path)) });
  });

  router.post('/:id/retry', forms.required, async (request, response) => {
    const id = idSchema.catch('none').parse(request.params.id);
    const { count } = await prisma.removal.updateMany({
      where: { id, state: { in: ['pending', 'dead'] } },
      // Counted anew: one that was given up has used up its tries.
      data: { state: 'pending', attempts: 0, nextAttemptAt: new Date(), finishedAt: null },
    });
    if (count === 0) return sendPage(response, { title: 'Not found', section: SECTION, body: NOTHING, status: 404 });
    await deps.removals.ensure(id, { v: 1, removalId: id }).catch((error: unknown) => {
      deps.logger.warn({ removalId: id, reason: String(error) }, 'a removal could not be queued; a worker finds it by itself');
    });
    deps.logger.info({ removalId: id }, 'an operator has a removal tried again');
    response.redirect(303, `${SECTION}?id=${id}`);
  });
  return router;
}

const NOTHING = html`<p>There is no removal of this id that is still to be done. <a href="${SECTION}">All removals</a></p>`;

function readRemovals(prisma: PrismaClient, { state, id }: z.output<typeof searchSchema>) {
  return prisma.removal.findMany({
    where: { ...(id === undefined ? { state: state ?? { in: ['pending', 'dead'] } } : { id }) },
    orderBy: [{ state: 'desc' }, { createdAt: 'desc' }],
    take: SHOWN,
  });
}

function listBody(state: string | undefined, rows: readonly Row[]): Html {
  const links = STATES.map(
    (name) => html`<a class="button" href="${SECTION}?state=${name}"${name === state && html` aria-current="true"`}>${name}</a> `,
  );
  return html`<p>What is still to be removed in Chatwoot and at the bridge. A worker goes on by itself, at growing intervals, for some two
days; after that a removal is <em>dead</em>, and somebody has to look: try it again once its cause is mended, or delete the inbox in Chatwoot by
hand.</p>
<p class="actions">${links}</p>
${rows.length === 0 ? html`<p>Nothing to do.</p>` : table(rows)}
${rows.length === SHOWN && html`<p class="muted">Only the latest ${SHOWN} are shown.</p>`}`;
}

const table = (rows: readonly Row[]): Html => html`<div class="wide"><table>
<thead><tr><th>Since</th><th>Instance</th><th>Why</th><th>State</th><th>Tries</th><th>Last error</th><th>What</th><th></th></tr></thead>
<tbody>${rows.map(tableRow)}</tbody></table></div>`;

function tableRow(row: Row): Html {
  const look = row.state === 'dead' ? 'bad' : row.state === 'done' ? 'good' : 'busy';
  const dueIn = row.nextAttemptAt.getTime() - Date.now();
  return html`<tr>
<td class="nowrap">${moment(row.createdAt)}</td>
<td>${row.instanceName}</td>
<td>${row.reason.replaceAll('_', ' ')}</td>
<td class="${look}">${row.state}${row.state === 'pending' && dueIn > 0 && html` <span class="muted">again in ${duration(dueIn)}</span>`}</td>
<td class="number">${row.attempts}</td>
<td>${row.lastError}</td>
<td>${target(row)}</td>
<td>${row.state !== 'done' && html`<a class="button" href="${SECTION}/${row.id}/retry">Retry…</a>`}</td>
</tr>
`;
}

const target = (row: Row): Html =>
  row.activationId === null
    ? html`<span class="id">${row.bridgeIntegrationId}</span>`
    : html`<a class="id" href="/admin/activations/${row.activationId}">${row.activationId}</a>`;

const confirmation = (row: Row, path: string, token: string): Html => html`<p>The inbox and the integration of
<strong>${row.instanceName}</strong> (${row.reason.replaceAll('_', ' ')}) are removed as soon as a worker is free.
${row.lastError !== '' && html`Last time it failed with:`}</p>
${row.lastError !== '' && html`<p class="note bad">${row.lastError}</p>`}
<form class="actions" method="post" action="${path}"><input type="hidden" name="token" value="${token}">
<button>Try again now</button> <a href="${SECTION}?id=${row.id}">Cancel</a></form>`;
