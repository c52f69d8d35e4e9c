import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import type { SentMessage } from '../engine-simulator.ts';
import { dataUrl, jidOf, read, type SendingRules, sendNow, working } from './sending.ts';
import type { Telling } from './telling.ts';
import { Refusal, type Session, type World } from './world.ts';

const text = z.string().min(1);
/** As Go decodes it: a quote needs both. */
const context = z
  .object({ StanzaID: text.optional(), Participant: text.optional(), MentionedJID: z.array(z.string()).optional() })
  .refine((told) => (told.StanzaID === undefined) === (told.Participant === undefined), 'missing Participant in ContextInfo');
const common = { Phone: text, Id: z.string().optional(), ContextInfo: context.optional() };
const textSchema = z.object({ ...common, Body: text });
const media = { ...common, Caption: z.string().default(''), MimeType: z.string().default('') };
const imageSchema = z.object({ ...media, Image: text });
const videoSchema = z.object({ ...media, Video: text });
const audioSchema = z.object({ ...media, Audio: text, PTT: z.boolean().default(true) });
const documentSchema = z.object({ ...media, Document: text, FileName: text });
const onMessage = z.object({ Phone: text, Id: text });
const bodied = onMessage.extend({ Body: text });
const webhookSchema = z.object({ webhookurl: z.string(), events: z.array(z.string()).default([]) });
const hmacSchema = z.object({ hmac_key: z.string().min(32) });
const downloadSchema = z.object({
  Url: z.string(),
  DirectPath: z.string(),
  MediaKey: text,
  Mimetype: z.string(),
  FileLength: z.number(),
});

/** wuzapi's HTTP API, as far as Ponte uses it. A road that it does not have is a file that it does not have. */
export function wuzapiRoutes(deps: {
  world: World;
  telling: Telling;
  rules: SendingRules;
  receipts: readonly ('delivered' | 'read')[];
}): Router {
  const { world, telling, rules, receipts } = deps;
  const router = Router();
  const ofRequest = (req: Request): Session => {
    const session = world.withToken(req.get('token'));
    if (session === undefined) throw new Refusal(401, 'unauthorized');
    return session;
  };
  const success = (res: Response, data: unknown) => void res.json({ code: 200, success: true, data });

  router.get('/session/status', (req, res) => {
    const { name, number, token, webhook, events, isConnected, isLoggedIn } = ofRequest(req);
    const jid = isLoggedIn ? `${number}:12@s.whatsapp.net` : '';
    success(res, { name, token, jid, webhook, events: events.join(','), connected: isConnected, loggedIn: isLoggedIn });
  });
  router.post('/session/connect', (req, res) => {
    const session = ofRequest(req);
    if (session.isConnected) throw new Refusal(500, 'already connected');
    session.isConnected = true;
    success(res, { webhook: session.webhook, jid: '', events: session.events.join(','), details: 'Connected!' });
  });
  router.get('/session/qr', (req, res) => {
    const { isConnected, isLoggedIn } = ofRequest(req);
    if (!isConnected) throw new Refusal(500, 'no session');
    if (isLoggedIn) throw new Refusal(500, 'already logged in');
    success(res, { QRCode: 'data:image/png;base64,iVBORw0KGgo=' });
  });
  router.get('/webhook', (req, res) => {
    const { webhook, events } = ofRequest(req);
    success(res, { webhook, subscribe: events.join(',').split(',') });
  });
  router.post('/webhook', (req, res) => {
    const session = ofRequest(req);
    const { webhookurl, events } = read(webhookSchema, req.body);
    session.webhook = webhookurl;
    // Without any, those that there were are forgotten.
    session.events = events;
    success(res, { webhook: webhookurl });
  });
  router.get('/session/hmac/config', (req, res) => void res.json({ hmac_key: ofRequest(req).hmacKey === '' ? '' : '***' }));
  router.post('/session/hmac/config', (req, res) => {
    ofRequest(req).hmacKey = read(hmacSchema, req.body).hmac_key;
    res.json({ Details: 'HMAC configuration saved successfully' });
  });
  router.delete('/session/hmac/config', (req, res) => {
    ofRequest(req).hmacKey = '';
    res.json({ Details: 'HMAC configuration deleted successfully' });
  });

  /** What its API sends it tells in no event; the receipts come. */
  function send(
    req: Request,
    res: Response,
    asked: z.output<z.ZodObject<typeof common>>,
    sent: Omit<SentMessage, 'id' | 'to' | 'about'>,
  ) {
    const session = working(ofRequest(req), true);
    const message = sendNow(session, jidOf(asked.Phone, rules), { ...sent, about: asked.ContextInfo?.StanzaID }, asked.Id);
    setImmediate(() => {
      for (const receipt of receipts) telling.receipt(session, message.id, receipt);
    });
    success(res, { Details: 'Sent', Timestamp: Math.floor(Date.now() / 1_000), Id: message.id });
  }
  router.post('/chat/send/text', (req, res) => {
    const asked = read(textSchema, req.body);
    send(req, res, asked, { type: 'text', text: asked.Body, bytes: 0 });
  });
  router.post('/chat/send/image', (req, res) => {
    const asked = read(imageSchema, req.body);
    const { bytes, mimeType } = dataUrl(asked.Image, /^data:image/, 'Image data should start with "data:image/png;base64,"');
    send(req, res, asked, { type: 'image', text: asked.Caption, mimeType, bytes: bytes.length });
  });
  router.post('/chat/send/video', (req, res) => {
    const asked = read(videoSchema, req.body);
    const { bytes, mimeType } = dataUrl(asked.Video, /^data/, 'data should start with "data:mime/type;base64,"');
    send(req, res, asked, { type: 'video', text: asked.Caption, mimeType, bytes: bytes.length });
  });
  router.post('/chat/send/audio', (req, res) => {
    const asked = read(audioSchema, req.body);
    const { bytes } = dataUrl(asked.Audio, /^data:audio\//, 'audio data should start with "data:audio/"');
    send(req, res, asked, { type: asked.PTT ? 'voice' : 'audio', text: '', mimeType: asked.MimeType, bytes: bytes.length });
  });
  router.post('/chat/send/document', (req, res) => {
    const asked = read(documentSchema, req.body);
    const complaint = 'document data should start with "data:application/octet-stream;base64,"';
    const { bytes } = dataUrl(asked.Document, /^data:application\/octet-stream/, complaint);
    const { FileName: fileName, MimeType: mimeType, Caption } = asked;
    send(req, res, asked, { type: 'document', text: Caption, fileName, mimeType, bytes: bytes.length });
  });

  const acted = (
    req: Request,
    res: Response,
    asked: { Phone: string },
    about: string,
    type: SentMessage['type'],
    said: string,
  ) => {
    const session = working(ofRequest(req), true);
    sendNow(session, jidOf(asked.Phone, rules), { type, text: said, bytes: 0, about }, undefined);
    success(res, { Details: 'Sent', Timestamp: 1, Id: about });
  };
  router.post('/chat/react', (req, res) => {
    const asked = read(bodied, req.body);
    acted(req, res, asked, asked.Id.replace(/^me:/, ''), 'reaction', asked.Body === 'remove' ? '' : asked.Body);
  });
  router.post('/chat/send/edit', (req, res) => {
    const asked = read(bodied, req.body);
    acted(req, res, asked, asked.Id, 'edit', asked.Body);
  });
  router.post('/chat/delete', (req, res) => {
    const asked = read(onMessage, req.body);
    acted(req, res, asked, asked.Id, 'revoke', '');
  });
  router.post('/chat/presence', (req, res) => {
    working(ofRequest(req), true);
    success(res, { Details: 'Chat presence set successfuly' });
  });
  for (const kind of ['image', 'video', 'audio', 'document', 'sticker']) {
    router.post(`/chat/download${kind}`, (req, res) => {
      const session = working(ofRequest(req), true);
      const { MediaKey, Mimetype } = read(downloadSchema, req.body);
      const file = session.files.get(MediaKey);
      if (file === undefined) throw new Refusal(500, `failed to download ${kind} invalid media hmac`);
      success(res, { Mimetype, Data: `data:${Mimetype};base64,${file.bytes.toString('base64')}` });
    });
  }
  return router;
}

export const wuzapiError = (status: number, error: string): unknown => ({ code: status, success: false, error });
