import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { secretsEqual } from '../../shared/auth/tokens.ts';
import type { WorkerMetrics } from './metrics.ts';
import type { Readiness } from './readiness.ts';

/** Login for /metrics; without one it does not exist. */
type Admin = { readonly user: string; readonly password: string } | undefined;

/**
 * `/healthz`: the process lives. `/readyz`: whether it can do its work, and what it lacks if not. `/metrics`: for Prometheus, with
 * the login of the queue UI.
 */
export function createHealthHandler(deps: {
  readiness: () => Promise<Readiness>;
  isStopping: () => boolean;
  metrics: WorkerMetrics;
  admin: Admin;
}): RequestListener {
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    switch (new URL(request.url ?? '/', 'http://worker').pathname) {
      case '/healthz':
        return json(response, 200, { status: 'ok' });
      case '/readyz': {
        const { ready, checks } = await deps.readiness();
        if (deps.isStopping()) return json(response, 503, { status: 'draining', checks });
        return json(response, ready ? 200 : 503, { status: ready ? 'ready' : 'unready', checks });
      }
      case '/metrics':
        if (deps.admin !== undefined) return metrics(request, response, deps.admin);
    }
    json(response, 404, { success: false, error: { message: 'not found', code: 'route_not_found' } });
  }

  async function metrics(request: IncomingMessage, response: ServerResponse, admin: NonNullable<Admin>): Promise<void> {
    const expected = `Basic ${Buffer.from(`${admin.user}:${admin.password}`).toString('base64')}`;
    if (!secretsEqual(request.headers.authorization ?? '', expected)) {
      response.setHeader('www-authenticate', 'Basic realm="Ponte"');
      return json(response, 401, { success: false, error: { message: 'login required' } });
    }
    const { contentType, text } = await deps.metrics.read();
    response.writeHead(200, { 'content-type': contentType }).end(text);
  }

  return (request, response) => {
    answer(request, response).catch(() => json(response, 503, { status: 'unavailable' }));
  };
}

function json(response: ServerResponse, status: number, body: unknown): void {
  if (response.headersSent) return void response.end();
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
