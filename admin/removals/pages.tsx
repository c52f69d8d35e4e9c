import { Router } from 'express';
import { z } from 'zod';
import type { RemovalJob } from '../../shared/activations/job.ts';
import type { PrismaClient } from '../../shared/database/database.ts';
import type { Logger } from '../../shared/logging/logger.ts';
import type { JobQueue } from '../../shared/queue/job-queue.ts';
import { type PageResponse, sendPage, sendTitledPage } from '../console/page.tsx';
import type { FormTokens } from '../form-token.ts';
import { Clock, duration } from '../looks/times.tsx';
import type { Ui } from '../looks/ui.ts';

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
  router.get('/', async (request, response: PageResponse) => {
    const { ui } = response.locals;
    const search = searchSchema.parse(request.query);
    const rows = await readRemovals(prisma, search);
    const title = ui.t.operators.removals;
    sendTitledPage(response, {
      title,
      section: SECTION,
      children: <List ui={ui} state={search.state} rows={rows} />,
    });
  });

  router.get('/:id/retry', async (request, response: PageResponse) => {
    const [row] = await readRemovals(prisma, { id: idSchema.catch('none').parse(request.params.id) });
    if (row === undefined || row.state === 'done') return sendNothing(response);
    const { ui } = response.locals;
    const path = `${SECTION}/${row.id}/retry`;
    const title = ui.t.operators.retryTitle;
    sendTitledPage(response, {
      title,
      section: SECTION,
      children: <Confirmation ui={ui} row={row} path={path} token={forms.issue(path)} />,
    });
  });

  router.post('/:id/retry', forms.required, async (request, response: PageResponse) => {
    const id = idSchema.catch('none').parse(request.params.id);
    const { count } = await prisma.removal.updateMany({
      where: { id, state: { in: ['pending', 'dead'] } },
      // Counted anew: one that was given up has used up its tries.
      data: { state: 'pending', attempts: 0, nextAttemptAt: new Date(), finishedAt: null },
    });
    if (count === 0) return sendNothing(response);
    await deps.removals.ensure(id, { v: 1, removalId: id }).catch((error: unknown) => {
      deps.logger.warn({ removalId: id, reason: String(error) }, 'a removal could not be queued; a worker finds it by itself');
    });
    deps.logger.info({ removalId: id }, 'an operator has a removal tried again');
    response.redirect(303, `${SECTION}?id=${id}`);
  });
  return router;
}

function sendNothing(response: PageResponse): void {
  const { t } = response.locals.ui;
  sendPage(response, {
    title: t.error.notFound,
    section: SECTION,
    status: 404,
    children: (
      <>
        <h1 class="head">{t.error.notFound}</h1>
        <p class="card">
          {t.operators.noRemoval} <a href={SECTION}>{t.operators.all}</a>
        </p>
      </>
    ),
  });
}

function readRemovals(prisma: PrismaClient, { state, id }: z.output<typeof searchSchema>) {
  return prisma.removal.findMany({
    where: { ...(id === undefined ? { state: state ?? { in: ['pending', 'dead'] } } : { id }) },
    orderBy: [{ state: 'desc' }, { createdAt: 'desc' }],
    take: SHOWN,
  });
}

function List({ ui, state, rows }: { ui: Ui; state: string | undefined; rows: readonly Row[] }) {
  const { t } = ui;
  return (
    <>
      <p class="lead narrow">{t.operators.removalsWhat}</p>
      <nav class="tabs head" aria-label={t.operators.state}>
        {STATES.map((name) => (
          <a href={`${SECTION}?state=${name}`} aria-current={name === state ? 'true' : undefined}>
            {t.operators.states[name]}
          </a>
        ))}
      </nav>
      {rows.length === 0 ? <p class="card">{t.operators.nothingToDo}</p> : <Table ui={ui} rows={rows} />}
      {rows.length === SHOWN && <p class="muted">{t.operators.onlyLatest(SHOWN)}</p>}
    </>
  );
}

function Table({ ui, rows }: { ui: Ui; rows: readonly Row[] }) {
  const { t } = ui;
  const { operators: o } = t;
  return (
    <div class="card flush wide">
      <table class="stack">
        <thead>
          <tr>
            {[o.state, o.instance, o.why, o.lastError, o.what, o.since].map((head) => (
              <th scope="col">{head}</th>
            ))}
            <th scope="col" class="number">
              {t.instance.tries}
            </th>
            <th scope="col">
              <span class="hidden">{o.retry}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <TableRow ui={ui} row={row} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

const LOOKS = { dead: 'bad', done: 'good', pending: 'busy' } as const;

function TableRow({ ui: { t }, row }: { ui: Ui; row: Row }) {
  const { operators: o } = t;
  const dueInMs = row.nextAttemptAt.getTime() - Date.now();
  return (
    <tr>
      <td data-label={o.state}>
        <span class="value">
          <span class={`pill ${LOOKS[row.state]}`}>{o.states[row.state]}</span>
          {row.state === 'pending' && dueInMs > 0 && <span class="sub">{o.againIn(duration(dueInMs))}</span>}
        </span>
      </td>
      <td data-label={o.instance}>{row.instanceName}</td>
      <td data-label={o.why}>{o.reasons[row.reason]}</td>
      <td data-label={o.lastError}>
        <span class="value">{row.lastError}</span>
      </td>
      <td data-label={o.what}>
        {row.activationId === null ? (
          <span class="id">{row.bridgeIntegrationId}</span>
        ) : (
          <a class="id" href={`/admin/activations/${row.activationId}`}>
            {row.activationId}
          </a>
        )}
      </td>
      <td data-label={o.since} class="nowrap">
        <Clock at={row.createdAt} />
      </td>
      <td data-label={t.instance.tries} class="number">
        {row.attempts}
      </td>
      <td>
        {row.state !== 'done' && (
          <a class="button quiet" href={`${SECTION}/${row.id}/retry`}>
            {o.retry}
          </a>
        )}
      </td>
    </tr>
  );
}

function Confirmation({ ui: { t }, row, path, token }: { ui: Ui; row: Row; path: string; token: string }) {
  const { operators: o } = t;
  return (
    <div class="card narrow">
      <p>{o.retryWhat(row.instanceName, o.reasons[row.reason])}</p>
      {row.lastError !== '' && (
        <div class="note bad">
          <p>{o.failedWith}</p>
          <p>{row.lastError}</p>
        </div>
      )}
      <form class="actions" method="post" action={path}>
        <input type="hidden" name="token" value={token} />
        <button class="primary" type="submit">
          {o.retryNow}
        </button>
        <a class="button" href={`${SECTION}?id=${row.id}`}>
          {t.instance.cancel}
        </a>
      </form>
    </div>
  );
}
