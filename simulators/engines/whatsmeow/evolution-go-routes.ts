import { type Request, type Response, Router } from 'express';
import multer from 'multer';
import { z } from 'zod';
import type { Content } from '../../whatsapp-engine/content.ts';
import type { SentMessage } from '../engine-simulator.ts';
import { jidOf, read, type SendingRules, sendNow, working } from './sending.ts';
import type { Telling } from './telling.ts';
import { Refusal, type Session, type World } from './world.ts';

const text = z.string().min(1);
const quoted = z.object({ messageId: z.string(), participant: z.string() }).optional();
const textSchema = z.object({ number: text, text, id: z.string().optional(), quoted });
const type = z.enum(['image', 'video', 'audio', 'document']);
const mediaSchema = z.object({
  number: text,
  url: z.string().optional(),
  type,
  caption: z.string().default(''),
  filename: z.string().default(''),
  id: z.string().optional(),
  quoted,
});
const reactSchema = z.object({ number: text, reaction: text, id: text, fromMe: z.boolean().optional() });
const editSchema = z.object({ chat: text, message: text, messageId: text });
const deleteSchema = z.object({ chat: text, messageId: text });
const connectSchema = z.object({ webhookUrl: z.string(), subscribe: z.array(z.string()), immediate: z.boolean() });
const downloadSchema = z.object({
  message: z.record(z.string(), z.object({ URL: z.string(), mediaKey: text, mimetype: z.string(), fileEncSHA256: z.string() })),
});
const FILE_TIMEOUT_MS = 10_000;

/** evolution-go's HTTP API, as far as Ponte uses it. */
export function evolutionGoRoutes(deps: {
  world: World;
  telling: Telling;
  rules: SendingRules;
  receipts: readonly ('delivered' | 'read')[];
}): Router {
  const { world, telling, rules, receipts } = deps;
  const router = Router();
  const upload = multer({ storage: multer.memoryStorage() });
  const ofRequest = (req: Request): Session => {
    const session = world.withToken(req.get('apikey'));
    if (session === undefined) throw new Refusal(401, 'not authorized');
    return session;
  };
  const success = (res: Response, data: unknown) => void res.json({ message: 'success', data });

  router.get('/server/ok', (_req, res) => void res.json({ status: 'ok' }));
  router.post('/instance/connect', (req, res) => {
    const session = ofRequest(req);
    const { webhookUrl, subscribe } = read(connectSchema, req.body);
    session.webhook = webhookUrl;
    session.events = subscribe;
    success(res, { jid: '', webhookUrl, eventString: subscribe.join(',') });
  });
  router.get('/instance/status', (req, res) => {
    const { name, isConnected, isLoggedIn } = ofRequest(req);
    if (!isConnected) throw new Refusal(400, 'client disconnected');
    success(res, { Connected: isConnected, LoggedIn: isLoggedIn, Name: name });
  });
  router.get('/instance/qr', (req, res) => {
    if (ofRequest(req).isLoggedIn) throw new Refusal(400, 'session already logged in');
    success(res, { Qrcode: 'data:image/png;base64,iVBORw0KGgo=', Code: '2@abc' });
  });

  /** What its API sends it tells like what is typed, under another name. */
  function send(
    req: Request,
    res: Response,
    asked: { number: string; id?: string | undefined; quoted?: { messageId: string } | undefined },
    sent: Omit<SentMessage, 'id' | 'to' | 'about'>,
    content: Content,
  ) {
    const session = working(ofRequest(req), false);
    const jid = jidOf(asked.number, rules);
    const message = sendNow(session, jid, { ...sent, about: asked.quoted?.messageId }, asked.id);
    const [user = '', domain] = jid.split('@');
    const person =
      domain === 's.whatsapp.net' ? { phone: user, name: '' } : domain === 'lid' ? { lid: user, name: '' } : undefined;
    const group = domain === 'g.us' ? { id: jid, name: '' } : undefined;
    const talk = { isOurs: true, person, group, id: message.id, replyTo: message.about, atMs: Date.now() };
    telling.happen(session, talk, content, 'SendMessage');
    setImmediate(() => {
      for (const receipt of receipts) telling.receipt(session, message.id, receipt);
    });
    success(res, { Info: { ID: message.id, Chat: jid, IsFromMe: true }, Message: {} });
  }
  router.post('/send/text', (req, res) => {
    const asked = read(textSchema, req.body);
    send(req, res, asked, { type: 'text', text: asked.text, bytes: 0 }, { type: 'text', text: asked.text });
  });
  router.post('/send/media', upload.single('file'), async (req, res) => {
    const asked = read(mediaSchema, req.body);
    const bytes = req.file?.buffer ?? (await fetched(asked.url ?? ''));
    const kind = asked.type === 'audio' ? 'voice' : asked.type;
    const media = { base64: bytes.toString('base64'), mimeType: req.file?.mimetype };
    const content: Content =
      asked.type === 'audio' ? { type: 'audio', voice: true, media } : { type: asked.type, media, caption: asked.caption };
    send(
      req,
      res,
      asked,
      { type: kind, text: asked.caption, fileName: asked.filename, mimeType: req.file?.mimetype, bytes: bytes.length },
      content,
    );
  });

  const acted = (req: Request, res: Response, number: string, about: string, kind: SentMessage['type'], said: string) => {
    const session = working(ofRequest(req), false);
    sendNow(session, jidOf(number, rules), { type: kind, text: said, bytes: 0, about }, undefined);
    success(res, { messageId: about, timestamp: '' });
  };
  router.post('/message/react', (req, res) => {
    const { number, reaction, id } = read(reactSchema, req.body);
    acted(req, res, number, id, 'reaction', reaction === 'remove' ? '' : reaction);
  });
  router.post('/message/edit', (req, res) => {
    const { chat, message, messageId } = read(editSchema, req.body);
    acted(req, res, chat, messageId, 'edit', message);
  });
  router.post('/message/delete', (req, res) => {
    const { chat, messageId } = read(deleteSchema, req.body);
    acted(req, res, chat, messageId, 'revoke', '');
  });
  router.post('/message/presence', (req, res) => {
    working(ofRequest(req), false);
    success(res, { timestamp: '' });
  });
  router.post('/message/downloadmedia', (req, res) => {
    const session = working(ofRequest(req), false);
    const [media] = Object.values(read(downloadSchema, req.body).message);
    const file = session.files.get(media?.mediaKey ?? '');
    if (file === undefined) throw new Refusal(500, 'Failed to download image invalid media hmac');
    success(res, { base64: `data:${media?.mimetype};base64,${file.bytes.toString('base64')}`, timestamp: '' });
  });
  return router;
}

async function fetched(url: string): Promise<Buffer> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(FILE_TIMEOUT_MS) });
    if (response.ok) return Buffer.from(await response.arrayBuffer());
  } catch {
    // As below.
  }
  throw new Refusal(500, 'failed to fetch the media');
}
