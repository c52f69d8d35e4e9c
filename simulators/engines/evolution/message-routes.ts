import { setTimeout as delay } from 'node:timers/promises';
import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import type { Content } from '../../whatsapp-engine/content.ts';
import type { Access } from './access.ts';
import { keyOf, messageData, type Told } from './events.ts';
import { findMessages, historySchema } from './history.ts';
import type { Layout } from './proto.ts';
import { EvolutionRefusal } from './refusal.ts';
import { audioSchema, fileOf, keySchema, mediaSchema, recipientOf, type SendingRules, sendNow, textSchema } from './sending.ts';
import { type EvolutionInstance, newSentId } from './world.ts';

const LONGEST_DELAY_MS = 60_000;

/** `/message/…` and `/chat/…`. */
export function messageRoutes(deps: {
  access: Access;
  layout: Layout;
  rules: SendingRules;
  onSent: (instance: EvolutionInstance, id: string) => void;
  tell: (instance: EvolutionInstance, told: Told) => void;
}): Router {
  const { access, layout, rules, onSent, tell } = deps;
  const router = Router();

  const sendWith =
    <Body extends { number: string; delay?: number | undefined; quoted?: { key: { id: string } } | undefined }>(
      schema: z.ZodType<Body>,
      contentOf: (body: Body) => Promise<Content> | Content,
      { quotes = true } = {},
    ) =>
    async (req: Request, res: Response) => {
      const instance = access.instance(req);
      const body = schema.parse(req.body);
      const jid = recipientOf(instance, body.number, rules);
      const content = await contentOf(body);
      if (body.delay !== undefined) await delay(Math.min(body.delay, LONGEST_DELAY_MS));
      const message = sendNow(instance, jid, content, quotes ? body.quoted?.key.id : undefined);
      onSent(instance, message.id);
      res.status(201).json(messageData(instance, message, layout, 'PENDING'));
    };

  router.post(
    '/message/sendText/:name',
    sendWith(textSchema, ({ text }) => ({ type: 'text', text })),
  );
  router.post(
    '/message/sendMedia/:name',
    sendWith(mediaSchema, async ({ mediatype, media, mimetype, fileName, caption }): Promise<Content> => {
      const isBare = !/^https?:\/\//i.test(media);
      if (mediatype === 'document' && isBare && fileName === undefined) {
        throw new EvolutionRefusal(400, 'For base64 the file name must be informed.');
      }
      const file = await fileOf(media);
      const told = { base64: file.base64, mimeType: mimetype ?? file.mimeType, fileName };
      return mediatype === 'audio' ? { type: 'audio', voice: false, media: told } : { type: mediatype, caption, media: told };
    }),
  );
  // The quote of a voice message is lost.
  router.post(
    '/message/sendWhatsAppAudio/:name',
    sendWith(
      audioSchema,
      async ({ audio }) => ({
        type: 'audio',
        voice: true,
        media: { base64: (await fileOf(audio)).base64, mimeType: 'audio/ogg; codecs=opus' },
      }),
      { quotes: false },
    ),
  );
  router.post('/message/sendReaction/:name', (req, res) => {
    const instance = access.instance(req);
    const { key, reaction } = z.looseObject({ key: keySchema, reaction: z.string() }).parse(req.body);
    const jid = recipientOf(instance, key.remoteJid, rules);
    const id = newSentId();
    instance.sent.push({ id, to: jid, type: 'reaction', text: reaction, bytes: 0, about: key.id });
    res.status(201).json({
      key: { remoteJid: jid, fromMe: true, id },
      message: { reactionMessage: { key, text: reaction } },
      status: 'PENDING',
    });
  });
  router.delete('/chat/deleteMessageForEveryone/:name', (req, res) => {
    const instance = access.instance(req);
    const key = keySchema.parse(req.body);
    const jid = recipientOf(instance, key.remoteJid, rules);
    // One that nobody knows is a success, too.
    const known = instance.messages.get(key.id);
    instance.messages.delete(key.id);
    const id = newSentId();
    instance.sent.push({ id, to: jid, type: 'revoke', text: '', bytes: 0, about: key.id });
    if (known !== undefined)
      tell(instance, { event: 'messages.delete', data: { id: 'cmf', key: keyOf(known, layout), status: 'DELETED' } });
    res.status(201).json({ key: { remoteJid: jid, fromMe: true, id }, message: { protocolMessage: { key, type: 'REVOKE' } } });
  });
  router.post('/chat/updateMessage/:name', (req, res) => {
    const instance = access.instance(req);
    const { number, text, key } = z.looseObject({ number: z.string(), text: z.string(), key: keySchema }).parse(req.body);
    const known = instance.messages.get(key.id);
    const jid = recipientOf(instance, number, rules);
    if (known === undefined) throw new EvolutionRefusal(400, 'Message not found');
    if (![known.chat.jid, known.chat.lid].includes(jid)) throw new EvolutionRefusal(400, 'RemoteJid does not match');
    instance.sent.push({ id: newSentId(), to: jid, type: 'edit', text, bytes: 0, about: key.id });
    const data = { key: keyOf(known, layout), type: 14, editedMessage: { conversation: text }, timestampMs: Date.now() };
    tell(instance, { event: 'send.message.update', data });
    res.json({ key: keyOf(known, layout), message: { protocolMessage: data } });
  });
  router.post('/chat/getBase64FromMediaMessage/:name', (req, res) => {
    const instance = access.instance(req);
    const { message } = z.looseObject({ message: z.looseObject({ key: z.looseObject({ id: z.string() }) }) }).parse(req.body);
    const known = instance.messages.get(message.key.id);
    if (known?.media == null) throw new EvolutionRefusal(400, ['Error: Message not found']);
    const { kind, fileName, mimeType, base64 } = known.media;
    res.status(201).json({
      mediaType: `${kind}Message`,
      fileName,
      caption: '',
      size: { fileLength: '1' },
      mimetype: mimeType,
      base64,
      buffer: null,
    });
  });
  router.post('/chat/findMessages/:name', (req, res) => {
    const instance = access.instance(req);
    res.json(findMessages(instance, layout, historySchema.parse(req.body)));
  });
  router.post('/chat/whatsappNumbers/:name', (req, res) => {
    const instance = access.instance(req);
    const { numbers } = z.looseObject({ numbers: z.array(z.string()) }).parse(req.body);
    if (instance.state !== 'open') throw new EvolutionRefusal(500, 'Connection Closed');
    res.json(
      numbers.map((number) => ({ jid: `${number}@s.whatsapp.net`, exists: !rules.unknownNumbers.includes(number), number })),
    );
  });
  router.post('/chat/sendPresence/:name', async (req, res) => {
    access.instance(req);
    const { delay: forMs } = z.looseObject({ delay: z.number() }).parse(req.body);
    // The call lasts as long as the typing.
    await delay(Math.min(forMs, LONGEST_DELAY_MS));
    res.status(201).json({ presence: 'composing' });
  });
  router.post('/chat/fetchProfilePictureUrl/:name', (req, res) => {
    access.instance(req);
    const { number } = z.looseObject({ number: z.string() }).parse(req.body);
    res.json({ wuid: `${number}@s.whatsapp.net`, profilePictureUrl: null });
  });
  return router;
}
