import express, { Router } from 'express';
import type {
  BridgeActivateRequest,
  BridgeActivateResponse,
  BridgeCheckResponse,
  BridgeIntegration,
  BridgeVerification,
} from '../../shared/contracts/bridge.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import type { ActivationCall } from '../integrations/activation.ts';
import type { Removal, RemovalResult } from '../integrations/removal.ts';
import { readActivateBody, readIdempotencyKey } from './activate-body.ts';
import type { BridgeResponse } from './context.ts';

export interface IntegrationHandlers {
  readonly activate: (call: ActivationCall) => Promise<BridgeActivateResponse>;
  readonly check: (request: BridgeActivateRequest, signal: AbortSignal) => Promise<BridgeCheckResponse>;
  readonly status: (id: string, signal: AbortSignal) => Promise<BridgeIntegration | undefined>;
  readonly verify: (id: string, signal: AbortSignal) => Promise<BridgeVerification>;
  readonly removal: Removal;
}

/** The endpoints for worker and api. A handler goes on when its caller has gone: whether it may is for its deadline to say. */
export function integrationRoutes(handlers: IntegrationHandlers, signal: AbortSignal): Router {
  const router = Router();
  const { removal } = handlers;

  router.use(express.json({ limit: '64kb' }));
  router.post('/v1/integrations/activate', async (request, response: BridgeResponse) => {
    const call = { key: readIdempotencyKey(request), request: readActivateBody(request), signal, log: response.locals.log };
    response.status(201).json(await handlers.activate(call));
  });
  router.post('/v1/integrations/check', async (request, response: BridgeResponse) => {
    const effect = await handlers.check(readActivateBody(request), signal);
    response.json({ success: true, message: 'these credentials would activate', ...effect });
  });
  router.get('/v1/integrations/:id', async (request, response: BridgeResponse) => {
    const found = await handlers.status(request.params.id, signal);
    if (found === undefined) throw new PonteError('integration_not_found');
    response.json(found);
  });
  router.post('/v1/integrations/:id/verify', async (request, response: BridgeResponse) => {
    response.json(await handlers.verify(request.params.id, signal));
  });
  router.delete('/v1/integrations/:id', async (request, response: BridgeResponse) => {
    answerRemoval(response, await removal.remove(request.params.id, { signal, log: response.locals.log }));
  });
  router.delete('/v1/activations/:activationId', async (request, response: BridgeResponse) => {
    answerRemoval(response, await removal.cancel(request.params.activationId, { signal, log: response.locals.log }));
  });
  return router;
}

function answerRemoval(response: BridgeResponse, result: RemovalResult): void {
  if (result === 'absent') throw new PonteError('integration_to_delete_not_found');
  response.json({ success: true, message: 'integration removed' });
}
