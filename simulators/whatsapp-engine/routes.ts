import { randomBytes } from 'node:crypto';
import { type Request, type Response, Router } from 'express';
import { authorize } from './auth.ts';
import type { Engine } from './engine.ts';
import { Refusal } from './replies.ts';
import type { Message } from './rows.ts';
import { readMediaRequest, readTextRequest, type Sending } from './send-request.ts';
import type { Store } from './store.ts';

/** The endpoints of RyzeAPI that a bridge needs: sending, and fetching a file by its message. */
export function messageRoutes(store: Store, engine: Engine, accountToken: string): Router {
  const router = Router();
  const sendWith = (read: (body: unknown) => Sending | Promise<Sending>) => async (req: Request, res: Response) => {
    const instance = authorize(store, accountToken, req);
    const { message, answered } = engine.send(instance, await read(req.body));
    // The caller may kill us the moment it has the answer: by then the message must be on file.
    store.flush();
    res.json({ success: true, message: 'Message sent successfully', status: 'sent', data: sentView(message) });
    answered();
  };
  router.post('/api/message/text/:instance', sendWith(readTextRequest));
  router.post('/api/message/media/:instance', sendWith(readMediaRequest));
  router.get('/api/chat/base64/:instance', (req, res) => {
    const { name } = authorize(store, accountToken, req);
    const { messageId } = req.query;
    if (typeof messageId !== 'string' || messageId === '') throw new Refusal(400, 'messageId is required');
    const message = store.message(name, messageId);
    if (!message) throw new Refusal(404, 'Message not found');
    if (!message.media) throw new Refusal(400, 'Message has no media');
    const { mimeType, kind, base64 } = message.media;
    res.json({ message_id: message.id, mime_type: mimeType, media_type: kind, base64 });
  });
  return router;
}

function sentView({ id, timestamp, chat, sender, content, source }: Message): Record<string, unknown> {
  const parties = { chat: { jid: chat.jid, type: chat.type }, sender: { jid: sender.jid, name: sender.name } };
  return { messageId: id, direction: 'outgoing', type: content.type, timestamp, source, ...parties };
}

/** The files behind the `url` of events. They need no token, as WhatsApp's own do not; the path is the secret. */
export function mediaRoutes(store: Store): Router {
  const router = Router();
  router.get('/media/:key.enc', (req, res) => {
    const media = store.messageByMediaKey(req.params.key)?.media;
    if (!media) throw new Refusal(404, 'Media not found');
    // What WhatsApp stores is encrypted: to those without the message's key it is noise.
    const size = Buffer.from(media.base64, 'base64').length;
    res.type('application/octet-stream').send(randomBytes(Math.ceil((size + 1) / 16) * 16 + 10));
  });
  router.get('/media/:key/:fileName', (req, res) => {
    const media = store.messageByMediaKey(req.params.key)?.media;
    if (!media) throw new Refusal(404, 'Media not found');
    res.setHeader('content-type', media.mimeType);
    res.send(Buffer.from(media.base64, 'base64'));
  });
  return router;
}
