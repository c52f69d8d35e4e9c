import { type Request, Router } from 'express';
import { type PageResponse, sendPage, sendPart, viewerOf, wantsPart } from '../page.tsx';
import { List, ListPage, listPath } from './list.tsx';
import { type InstanceReader, searchSchema } from './read.ts';

/** The list of instances: `/`, and `/instances` for the part of it that keeps itself up to date. */
export function createListPages({ reader }: { reader: InstanceReader }): Router {
  const router = Router();
  router.get(['/', '/instances'], async (request: Request, response: PageResponse) => {
    const { ui } = response.locals;
    const viewer = viewerOf(response);
    const search = searchSchema.parse({ q: '', show: 'all', page: 1, ...request.query });
    const found = await reader.search(viewer.scope, search);
    if (wantsPart(request)) return sendPart(response, <List ui={ui} viewer={viewer} search={search} found={found} />);
    const { removed } = request.query;
    sendPage(response, {
      title: ui.t.instances.title,
      section: listPath(viewer),
      children: (
        <>
          {typeof removed === 'string' && (
            <p class="note good" role="status">
              {ui.t.instance.removedNow(removed.slice(0, 100))}
            </p>
          )}
          <ListPage ui={ui} viewer={viewer} search={search} found={found} />
        </>
      ),
    });
  });
  return router;
}
