import { Router } from 'express';
import { IDEMPOTENCY_KEY_HEADER } from '../../shared/contracts/bridge.ts';
import type { PrismaClient } from '../../shared/database/database.ts';
import type { EngineAccess } from '../../shared/engines/engine.ts';
import { cannot } from '../../shared/engines/engine-errors.ts';
import { outgoingActionSchema } from '../../shared/engines/ryzeapi/action-request.ts';
import { number, outgoingSchemas } from '../../shared/engines/ryzeapi/message-request.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import { sendJsonText } from '../../shared/http/send-text.ts';
import { releaseAfter } from '../../shared/memory/body-budget.ts';
import { type Allotment, byteBudget } from '../../shared/memory/byte-budget.ts';
import type { Instance } from '../auth/caller.ts';
import { type Guards, INSTANCE_NAME } from '../auth/guards.ts';
import type { ApiRequest, ApiResponse, Handler } from '../http/context.ts';
import { readJsonBody } from '../http/json-body.ts';
import { route } from '../http/routes.ts';
import { parseBody } from '../http/validate.ts';
import { API_LIMITS } from '../timeouts.ts';
import type { EngineDirectory } from './engine-directory.ts';
import type { MessagesUnderWay } from './under-way.ts';

type Act = (call: { request: ApiRequest; response: ApiResponse; instance: Instance }) => Promise<void>;

/** A long text in letters that JSON escapes; a file of 24 MiB in base64. */
const LIMIT_KIB = { text: 512, media: 32 * 1_024 } as const;
const SEND_TIMEOUT_MS = { text: API_LIMITS.sendTextMs, media: API_LIMITS.sendMediaMs } as const;
const SANE_KEY = /^[\w.:-]{1,128}$/;
/** What an event says of its file, in the engine's own words. */
const REFERENCE_LENGTH = 6_000;
const isReference = (value: unknown): value is string => typeof value === 'string' && value.length <= REFERENCE_LENGTH;
const SANE_MESSAGE_ID = /^(?!.*\.\.)[\w.:@=+/-]{1,300}$/;

function keyOf(request: ApiRequest): string | undefined {
  const key = request.get(IDEMPOTENCY_KEY_HEADER) ?? '';
  return SANE_KEY.test(key) ? key : undefined;
}

/** Files that are fetched from where a sender says they are count as his. */
const counted = ({ routeTo, ...access }: EngineAccess, allotment: Allotment): EngineAccess =>
  routeTo === undefined ? access : { ...access, routeTo: async (url) => ({ ...(await routeTo(url)), allotment }) };

/** `/api/message`: what an instance's WhatsApp engine is asked to do. The API is RyzeAPI's, whichever engine it is. */
export function createMessageRoutes(deps: {
  prisma: PrismaClient;
  guards: Guards;
  engines: EngineDirectory;
  underWay: MessagesUnderWay;
}): Router {
  const { guards, engines, underWay } = deps;

  /** Customers name an instance by its name, as everywhere; the bridge by its id, because names are unique within an account only. */
  function onInstance(act: Act): Handler {
    const forCustomers = guards.instance(act);
    return async (request, response) => {
      if (response.locals.caller?.kind !== 'bridge') return forCustomers(request, response);
      const id = String(request.params.instance);
      // PostgreSQL cannot even be asked for some of the ids that a path can hold; no instance has one that is not also fit for a name.
      if (!INSTANCE_NAME.test(id)) throw new PonteError('instance_not_found');
      const instance = await deps.prisma.instance.findUnique({
        where: { id },
        select: { id: true, accountId: true, name: true, engineKind: true, engineName: true },
      });
      if (!instance) throw new PonteError('instance_not_found');
      await act({ request, response, instance });
    };
  }

  const send = (kind: 'text' | 'media'): Handler =>
    onInstance(async ({ request, response, instance }) => {
      const { engine, access, name } = await engines.find(instance.id);
      const message = parseBody(outgoingSchemas[kind], await readJsonBody(request, response, { limitKib: LIMIT_KIB[kind] }));
      const idempotencyKey = keyOf(request);
      const timeoutMs = SEND_TIMEOUT_MS[kind];
      const allotment = byteBudget.open(instance.accountId);
      releaseAfter(response, allotment);
      const sending = engine.send({ access: counted(access, allotment), instance: name, timeoutMs, message, idempotencyKey });
      const outcome = await underWay.during(sending);
      if (outcome.kind === 'failed') throw outcome.error;
      response.json(outcome.answer);
    });

  const media: Handler = onInstance(async ({ request, response, instance }) => {
    const messageId = String(request.params.messageId);
    if (!SANE_MESSAGE_ID.test(messageId)) throw new PonteError('invalid_request', { faults: 'path: the message id is none' });
    const { reference } = request.query;
    if (reference !== undefined && !isReference(reference))
      throw new PonteError('invalid_request', { faults: 'reference: is none' });
    const { engine, access, name } = await engines.find(instance.id);
    const allotment = byteBudget.open(instance.accountId);
    releaseAfter(response, allotment);
    await allotment.begin();
    if (response.destroyed) return;
    const outcome = await engine.fetchFile({
      access: { ...access, route: { ...access.route, allotment } },
      instance: name,
      timeoutMs: API_LIMITS.fetchMediaMs,
      whatsappId: messageId,
      reference,
    });
    if (outcome.kind === 'failed') throw outcome.error;
    await sendJsonText(response, outcome.answer);
  });

  const action: Handler = onInstance(async ({ request, response, instance }) => {
    const { engine, access } = await engines.find(instance.id);
    const asked = parseBody(outgoingActionSchema, await readJsonBody(request, response, { limitKib: LIMIT_KIB.text }));
    if (engine.act === undefined) throw cannot(asked.kind);
    const idempotencyKey = keyOf(request);
    const timeoutMs = SEND_TIMEOUT_MS.text;
    const acting = engine.act({ access, instance: instance.name, timeoutMs, action: asked, idempotencyKey });
    const outcome = await underWay.during(acting);
    if (outcome.kind === 'failed') throw outcome.error;
    response.json(outcome.answer);
  });

  const avatar: Handler = onInstance(async ({ request, response, instance }) => {
    const address = String(request.params.address);
    if (!number.safeParse(address).success) throw new PonteError('invalid_request', { faults: 'path: the address is none' });
    const { engine, access } = await engines.find(instance.id);
    if (engine.fetchAvatar === undefined) throw new PonteError('engine_cannot', { action: 'tell the picture of a contact' });
    const outcome = await engine.fetchAvatar({ access, instance: instance.name, timeoutMs: API_LIMITS.sendTextMs, address });
    if (outcome.kind === 'failed') throw outcome.error;
    response.json({ url: outcome.kind === 'picture' ? outcome.url : null });
  });

  const router = Router();
  route(router, '/text/:instance', { post: send('text') });
  route(router, '/media/:instance', { post: send('media') });
  route(router, '/media/:instance/:messageId', { get: media });
  route(router, '/action/:instance', { post: action });
  route(router, '/avatar/:instance/:address', { get: avatar });
  return router;
}
