import { createHash, randomBytes, randomInt } from 'node:crypto';
import express, { type Request, Router } from 'express';
import multer from 'multer';
import { z } from 'zod';
import { badToken, type Failure, GraphError, noSuchObject } from './graph-error.ts';
import { sendMessage } from './sending.ts';
import { ACCOUNT_ID, APP_ID, type PhoneNumber, type World } from './world.ts';

export interface GraphParts {
  readonly world: World;
  readonly url: () => string;
  readonly windowMs: number;
  readonly mediaUrlMs: number;
  readonly unknownNumbers: readonly string[];
  /** Called for each message that was sent. */
  readonly onSent: (number: PhoneNumber, id: string, failure: Failure | undefined) => void;
}

const VERIFY_TIMEOUT_MS = 10_000;
const MAX_FILE_BYTES = 100 * 1_048_576;
const configuration = z.object({
  webhook_configuration: z.object({ override_callback_uri: z.string(), verify_token: z.string().optional() }),
});
const accountOverride = z.object({ override_callback_uri: z.string(), verify_token: z.string() });

/** What the Graph API offers for phone numbers, messages, files and webhooks. */
export function graphRoutes({ world, url, windowMs, mediaUrlMs, unknownNumbers, onSent }: GraphParts): Router {
  const tokenOf = (req: Request): string => /^Bearer (.+)$/.exec(req.get('authorization') ?? '')?.[1] ?? '';
  const isToken = (req: Request): boolean => [...world.numbers.values()].some(({ token }) => token === tokenOf(req));
  function numberOf(req: Request): PhoneNumber {
    const id = String(req.params.id);
    const number = world.numbers.get(id);
    if (!number) throw noSuchObject(id);
    if (number.token !== tokenOf(req)) throw badToken();
    return number;
  }

  const router = Router();
  router.use((req, _res, next) => next(isToken(req) ? undefined : badToken()));
  const json = express.json({ limit: '5mb' });

  router.post('/:id/messages', json, async (req, res) => {
    const number = numberOf(req);
    const sent = await sendMessage(world, number, req.body, { windowMs, unknownNumbers });
    if (sent.id !== undefined) {
      const { id, failure } = sent;
      // Whether or not the answer arrives, and maybe before it does.
      setImmediate(() => onSent(number, id, failure));
    }
    res.json(sent.answer);
  });

  const upload = multer({ storage: multer.memoryStorage(), limits: { fileSize: MAX_FILE_BYTES } });
  router.post('/:id/media', upload.single('file'), (req, res) => {
    const number = numberOf(req);
    const { file, body } = req;
    const told = z.object({ messaging_product: z.literal('whatsapp'), type: z.string().min(1) }).safeParse(body);
    if (!file || !told.success)
      throw new GraphError(100, 'Invalid parameter', { details: 'file, type and messaging_product are needed' });
    res.json({
      id: world.addFile(number.name, { bytes: file.buffer, mimeType: told.data.type, fileName: file.originalname }).id,
    });
  });

  router.get('/media-files/:key', (req, res) => {
    const file = [...world.files.values()].find(({ address }) => address?.key === req.params.key);
    if (!file?.address || Date.now() > file.address.untilMs)
      throw new GraphError(131052, 'Media download error', { status: 404 });
    // Meta’s servers turn away who does not say what he is.
    if ((req.get('user-agent') ?? '') === '') throw new GraphError(10, 'Permission denied', { status: 403 });
    res.setHeader('content-type', file.mimeType);
    res.send(file.bytes);
  });

  const subscribed = () => ({ data: world.isSubscribed ? [{ whatsapp_business_api_data: { id: APP_ID, name: 'App' } }] : [] });
  router.get(`/${ACCOUNT_ID}/subscribed_apps`, (_req, res) => void res.json(subscribed()));
  router.post(`/${ACCOUNT_ID}/subscribed_apps`, json, async (req, res) => {
    const override = accountOverride.safeParse(req.body).data;
    if (override !== undefined) await verify(override.override_callback_uri, override.verify_token);
    world.isSubscribed = true;
    world.accountAddress = override?.override_callback_uri ?? world.accountAddress;
    res.json({ success: true });
  });
  router.delete(`/${ACCOUNT_ID}/subscribed_apps`, (_req, res) => {
    world.isSubscribed = false;
    world.accountAddress = undefined;
    res.json({ success: true });
  });

  router.post('/:id', json, async (req, res) => {
    const number = numberOf(req);
    const told = configuration.safeParse(req.body).data?.webhook_configuration;
    if (told === undefined) throw new GraphError(100, 'Invalid parameter');
    if (told.override_callback_uri !== '') await verify(told.override_callback_uri, told.verify_token ?? '');
    number.override = told.override_callback_uri || undefined;
    res.json({ success: true });
  });

  router.get('/:id', (req, res) => {
    const file = world.files.get(req.params.id);
    if (file !== undefined) {
      const key = randomBytes(12).toString('hex');
      file.address = { key, untilMs: Date.now() + mediaUrlMs };
      res.json({
        url: `${url()}/v24.0/media-files/${key}`,
        mime_type: file.mimeType,
        sha256: createHash('sha256').update(file.bytes).digest('hex'),
        file_size: file.bytes.length,
        id: file.id,
        messaging_product: 'whatsapp',
      });
      return;
    }
    const fields = String(req.query.fields ?? 'display_phone_number,verified_name,quality_rating').split(',');
    const view = viewOf(numberOf(req), world);
    res.json(Object.fromEntries(Object.entries(view).filter(([name]) => name === 'id' || fields.includes(name))));
  });
  return router;
}

function viewOf(number: PhoneNumber, world: World): Record<string, unknown> {
  const available = number.registered ? 'AVAILABLE' : 'BLOCKED';
  return {
    display_phone_number: `+${number.number}`,
    verified_name: 'Loja',
    quality_rating: 'GREEN',
    code_verification_status: 'VERIFIED',
    platform_type: number.registered ? 'CLOUD_API' : 'NOT_APPLICABLE',
    status: number.registered ? 'CONNECTED' : 'DISCONNECTED',
    webhook_configuration: {
      ...(number.override === undefined ? {} : { phone_number: number.override }),
      ...(world.accountAddress === undefined ? {} : { whatsapp_business_account: world.accountAddress }),
    },
    health_status: {
      can_send_message: available,
      entities: [
        { entity_type: 'PHONE_NUMBER', id: number.name, can_send_message: available },
        { entity_type: 'WABA', id: ACCOUNT_ID, can_send_message: 'AVAILABLE' },
        { entity_type: 'BUSINESS', id: '506914307656634', can_send_message: 'AVAILABLE' },
        { entity_type: 'APP', id: APP_ID, can_send_message: 'AVAILABLE' },
      ],
    },
    id: number.name,
  };
}

/** Meta asks the address before it takes it. */
async function verify(address: string, token: string): Promise<void> {
  const challenge = String(randomInt(1_000_000_000));
  const query = new URLSearchParams({ 'hub.mode': 'subscribe', 'hub.challenge': challenge, 'hub.verify_token': token });
  const fault = (why: string): GraphError =>
    new GraphError(2200, `Callback verification failed with the following errors: ${why}`);
  let answer: Response;
  try {
    answer = await fetch(`${address}?${query}`, { signal: AbortSignal.timeout(VERIFY_TIMEOUT_MS), redirect: 'manual' });
  } catch {
    throw fault('curl_errno = 7; curl_error = Failed to connect');
  }
  const text = await answer.text();
  if (answer.status !== 200) throw fault(`HTTP Status Code = ${answer.status}`);
  if (text !== challenge) throw fault('The challenge was not answered');
}
