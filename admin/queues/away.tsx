import { type PageResponse, sendPage } from '../console/page.tsx';

/** In place of the queue UI, while there is nothing it could show. */
export function sendQueueAway(response: PageResponse): void {
  const { t } = response.locals.ui;
  sendPage(response, {
    title: t.operators.queues,
    section: '/admin/queues',
    status: 503,
    children: (
      <>
        <h1 class="head">{t.operators.queues}</h1>
        <p class="card">
          {t.operators.queueAway} <a href="/admin/activations">{t.nav.activations}</a>
        </p>
      </>
    ),
  });
}
