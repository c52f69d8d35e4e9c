import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { Router } from 'express';
import { version } from '../../shared/version.ts';
import type { Handler } from '../http/context.ts';
import { route } from '../http/routes.ts';
import { createOpenApiDocument } from '../openapi/document.ts';
import { llmsText } from './llms.ts';
import { DOCS_CSP, DOCS_PAGE, DOCS_SCRIPT } from './page.ts';

/** All that is served of Swagger UI. */
const ASSETS = ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png'];
const ASSET_AGE_MS = 24 * 3_600_000;
const require = createRequire(import.meta.url);

/** `/openapi.json`, `/docs` and `/llms.txt`: the reference, for programs and for people. Needs no host but this one. */
export function createDocsRoutes({ baseUrl }: { baseUrl: string }): Router {
  // Made when it is first asked for: that takes a tenth of a second, in which a process that starts has better things to do.
  let document: string | undefined;
  const documentText = (): string => {
    document ??= JSON.stringify(createOpenApiDocument({ baseUrl, version }));
    return document;
  };
  const assetDir = dirname(require.resolve('swagger-ui-dist/package.json'));
  const send =
    (type: string, text: () => string): Handler =>
    (_request, response) => {
      response.setHeader('Content-Security-Policy', DOCS_CSP);
      response.type(type).send(text());
    };

  const router = Router();
  route(router, '/openapi.json', { get: send('json', documentText) });
  route(router, '/llms.txt', { get: send('text/plain', () => llmsText(baseUrl)) });
  route(router, '/docs', { get: send('html', () => DOCS_PAGE) });
  route(router, '/docs/start.js', { get: send('js', () => DOCS_SCRIPT) });
  for (const asset of ASSETS) {
    route(router, `/docs/${asset}`, {
      get: (_request, response) => response.sendFile(asset, { root: assetDir, maxAge: ASSET_AGE_MS }),
    });
  }
  return router;
}
