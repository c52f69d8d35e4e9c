import { type Request, Router } from 'express';
import multer from 'multer';
import { z } from 'zod';
import { makePng } from '../../whatsapp-engine/png-file.ts';
import type { SentMessage } from '../engine-simulator.ts';
import type { Happenings } from './happenings.ts';
import { Refusal } from './refusal.ts';
import {
  addressOf,
  fileSending,
  jidOf,
  phoneSchema,
  presenceSchema,
  type ROADS,
  reactionSchema,
  read,
  textSending,
  updateSchema,
} from './sending.ts';
import { type Device, newApiId, newPath, type World } from './world.ts';

export interface ApiParts {
  readonly world: World;
  readonly happenings: Happenings;
  readonly options: {
    readonly unknownNumbers: readonly string[];
    /** What the other side's phone tells of a message that was sent. */
    readonly receipts: readonly ('delivered' | 'read')[];
  };
}

const webhookSchema = z.object({
  webhook_url: z.string(),
  webhook_secret: z.string().default(''),
  webhook_events: z.string().default(''),
  webhook_insecure_skip_verify: z.boolean().default(false),
});
const NO_WEBHOOK = { webhook_url: '', webhook_secret: '', webhook_events: '', webhook_insecure_skip_verify: false };
const QR_PATH = 'statics/qrcode/scan-qr.png';
const MAX_FILE_BYTES = 100_000_000;

const success = (message: string, results: unknown) => ({ status: 200, code: 'SUCCESS', message, results });

/** GOWA's HTTP API, as far as Ponte uses it, behind Basic authentication. */
export function apiRoutes({ world, happenings, options }: ApiParts): Router {
  const router = Router();
  const upload = multer({ storage: multer.memoryStorage(), limits: { fileSize: MAX_FILE_BYTES } });
  router.use((req, _res, next) => {
    const [, told = ''] = /^Basic (.+)$/.exec(req.get('authorization') ?? '') ?? [];
    const credential = Buffer.from(told, 'base64').toString();
    const isKnown = [...world.devices.values()].some(({ token }) => token === credential);
    next(isKnown ? undefined : new Refusal(401, 'UNAUTHORIZED', 'Unauthorized'));
  });

  router.get('/statics/*path', (req, res) => {
    const path = decodeURIComponent(req.path.slice(1));
    if (path === QR_PATH) {
      const png = makePng({ width: 32, height: 32, colourAt: (x, y) => ((x ^ y) & 1 ? [0, 0, 0] : [255, 255, 255]) });
      return void res.type('image/png').send(png);
    }
    const file = world.fileAt(path);
    if (file === undefined) throw new Refusal(404, 'NOT_FOUND', `Cannot GET ${req.path}`);
    res.setHeader('content-type', file.mimeType);
    res.send(file.bytes);
  });

  router.get('/devices/:id', (req, res) => {
    const { name, number, isLoggedIn } = world.named(req.params.id);
    const jid = isLoggedIn ? `${number}:7@s.whatsapp.net` : '';
    res.json(success('Device info', { id: name, jid, state: isLoggedIn ? 'logged_in' : 'disconnected' }));
  });
  router.get('/devices/:id/status', (req, res) => {
    const { name, isConnected, isLoggedIn } = world.named(req.params.id);
    res.json(success('Device status', { device_id: name, is_connected: isConnected, is_logged_in: isLoggedIn }));
  });
  router.get('/devices/:id/login', (req, res) => {
    const { name } = world.named(req.params.id);
    // Its own idea of where it is.
    res.json(success('Login success', { device_id: name, qr_link: `http://gowa:3000/${QR_PATH}`, qr_duration: 30 }));
  });
  router.get('/devices/:id/webhook', (req, res) => {
    const { name, webhook } = world.named(req.params.id);
    res.json(success('Device webhook retrieved', { device_id: name, ...(webhook ?? NO_WEBHOOK) }));
  });
  router.patch('/devices/:id/webhook', (req, res) => {
    const device = world.named(req.params.id);
    const parsed = webhookSchema.safeParse(req.body);
    if (!parsed.success) throw new Refusal(400, 'BAD_REQUEST', 'webhook_url is required');
    device.webhook = parsed.data;
    res.json(success('Device webhook updated', { device_id: device.name, ...parsed.data }));
  });

  /** The device of a request: the only one where none is named. */
  function deviceOf(req: Request): Device {
    const told = decodeURIComponent((req.get('x-device-id') ?? String(req.query.device_id ?? '')).replaceAll('+', ' '));
    const all = [...world.devices.values()];
    if (told === '' && all.length === 1 && all[0] !== undefined) return all[0];
    if (told === '')
      throw new Refusal(400, 'DEVICE_ID_REQUIRED', 'device_id is required via X-Device-Id header or device_id query');
    return world.named(told);
  }
  function working(req: Request): Device {
    const device = deviceOf(req);
    if (!device.isLoggedIn || !device.isConnected) throw new Refusal(401, 'AUTHENTICATION_ERROR', 'you are not logged in');
    return device;
  }
  /** What its API sends it tells in no event; the receipts come. */
  function keep(device: Device, sent: SentMessage): unknown {
    device.sent.push(sent);
    const chat = sent.to.includes('@') ? sent.to : `${sent.to}@s.whatsapp.net`;
    device.messages.set(sent.id, { id: sent.id, chat, isOurs: true, file: undefined });
    setImmediate(() => {
      for (const receipt of options.receipts) happenings.receipt(device, sent.id, receipt);
    });
    return success('Success', { message_id: sent.id, status: `Message sent to ${sent.to}` });
  }

  router.post('/send/message', (req, res) => {
    const device = working(req);
    res.json(keep(device, textSending(device, req.body, options.unknownNumbers)));
  });
  for (const road of ['image', 'video', 'audio', 'file'] as const satisfies readonly (keyof typeof ROADS)[]) {
    router.post(`/send/${road}`, upload.single(road), async (req, res) => {
      const device = working(req);
      res.json(keep(device, await fileSending(device, road, req, options.unknownNumbers)));
    });
  }
  router.post('/send/chat-presence', (req, res) => {
    working(req);
    read(presenceSchema, req.body);
    res.json(success('Success', { status: 'sent' }));
  });

  const acted = (req: Request, phone: string, action: Pick<SentMessage, 'type' | 'text'>) => {
    const device = working(req);
    const about = String(req.params.id);
    const to = addressOf(jidOf(phone, options.unknownNumbers));
    device.sent.push({ id: newApiId(), to, bytes: 0, about, ...action });
    return success('Success', { message_id: about, status: 'done' });
  };
  router.post('/message/:id/reaction', (req, res) => {
    const { phone, emoji } = read(reactionSchema, req.body);
    res.json(acted(req, phone, { type: 'reaction', text: emoji }));
  });
  router.post('/message/:id/update', (req, res) => {
    const { phone, message } = read(updateSchema, req.body);
    res.json(acted(req, phone, { type: 'edit', text: message }));
  });
  router.post('/message/:id/revoke', (req, res) => {
    const { phone } = read(phoneSchema, req.body);
    res.json(acted(req, phone, { type: 'revoke', text: '' }));
  });
  router.get('/message/:id/download', (req, res) => {
    const message = working(req).messages.get(req.params.id);
    const isThere = message !== undefined && message.chat === req.query.phone;
    if (!isThere || message.file === undefined) throw new Refusal(404, 'NOT_FOUND', 'message not found, or it has no media');
    message.file.path = newPath(message.file.mimeType);
    res.json(success('Media downloaded', { message_id: message.id, status: 'downloaded', file_path: message.file.path }));
  });
  router.get('/user/avatar', (req, res) => {
    working(req);
    const phone = String(req.query.phone);
    if (phone.endsWith('@lid')) throw new Refusal(400, 'BAD_REQUEST', 'no avatar found');
    res.json(success('Success get avatar', { url: `https://pps.whatsapp.net/v/${phone}.jpg`, id: '1', type: 'image' }));
  });
  return router;
}
