import type { NextFunction, Request } from 'express';
import { isDatabaseUnavailable } from '../../shared/database/database.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import { Failed } from './instance/outcome.tsx';
import { type PageResponse, sendPage, sendPart, wantsPart } from './page.tsx';
import { sentenceOf } from './sentences.ts';

/** For the end of the pages: none of them took the request. */
export const pageNotFound = (_request: Request, response: PageResponse): void => {
  const { t } = response.locals.ui;
  tell(response, 404, t.error.notFound, t.error.notFoundText);
};

/** Turns an error into a page, or into what stands where the outcome of a form does. */
export function createPageErrors() {
  // Express knows an error handler by its four parameters.
  return (error: unknown, request: Request, response: PageResponse, next: NextFunction): void => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const { ui, log, requestId } = response.locals;
    const { t } = ui;
    const known = error instanceof PonteError ? error : undefined;
    const isAway = isDatabaseUnavailable(error);
    if (known === undefined && !isAway) log.error({ err: error }, 'unexpected error');
    const status = known?.httpStatus ?? (isAway ? 503 : (clientStatus(error) ?? 500));
    const title =
      known?.httpStatus === 404
        ? t.error.notFound
        : known?.code === 'form_refused'
          ? t.error.formTitle
          : isAway
            ? t.error.databaseAway
            : t.error.unexpected;
    const text =
      known !== undefined ? sentenceOf(ui, known).text : isAway ? t.error.databaseAwayText : t.error.unexpectedText(requestId);
    if (known?.retryAfterSeconds !== undefined) response.setHeader('Retry-After', String(known.retryAfterSeconds));
    if (!wantsPart(request)) {
      tell(response, status, title, text);
      return;
    }
    // What is on the page is better than nothing, and is looked at again in a moment.
    if (request.method === 'GET') response.setHeader('HX-Reswap', 'none');
    sendPart(
      response,
      <Failed
        ui={ui}
        place={request.path.endsWith('/check') ? 'checked' : 'outcome'}
        title={title}
        sentence={{ text, detail: '' }}
      />,
      status,
    );
  };
}

function tell(response: PageResponse, status: number, title: string, text: string): void {
  const { viewer, ui } = response.locals;
  sendPage(response, {
    title,
    status,
    children: (
      <div class="card narrow">
        <h1>{title}</h1>
        <p>{text}</p>
        <a class="button" href={viewer === undefined || viewer.base === '' ? '/' : '/admin/instances'}>
          {ui.t.instance.back}
        </a>
      </div>
    ),
  });
}

/** What Express says of a body that cannot be read. */
const clientStatus = (error: unknown): number | undefined =>
  error instanceof Error && 'status' in error && typeof error.status === 'number' && error.status < 500
    ? error.status
    : undefined;
