import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type Request, type Response, Router } from 'express';
import { brazilianTwin } from '../../whatsapp-engine/jids.ts';
import { makePng } from '../../whatsapp-engine/png-file.ts';
import type { Happenings } from './happenings.ts';
import { chatsOf, messagesOf, requireStore } from './history.ts';
import { appOf, type OwnChatwoot, readAgentMessage, readApp } from './own-chatwoot.ts';
import { Breakdown, Refusal } from './refusal.ts';
import {
  addressOf,
  bareOf,
  fileSending,
  known,
  messageNamed,
  type Road,
  reactionSchema,
  read,
  type Sending,
  textSending,
} from './sending.ts';
import { newApiId, readConfig, type Session, type World } from './world.ts';

export interface ApiParts {
  readonly world: World;
  readonly happenings: Happenings;
  readonly own: OwnChatwoot;
  readonly options: {
    /** How long a change of the configuration takes the session away. */
    readonly restartMs: number;
    /** How long a request waits for a session that is not working. */
    readonly patienceMs: number;
    readonly fileLifeMs: number;
    /** Since 2026.4.3. */
    readonly takesOwnIds: boolean;
    readonly unknownNumbers: readonly string[];
    /** What becomes of a message that was sent: 1 is sent, 2 delivered, 3 read. */
    readonly acks: readonly number[];
  };
}

const POLL_MS = 20;

/** WAHA's HTTP API, as far as Ponte uses it. */
export function apiRoutes({ world, happenings, own, options }: ApiParts): Router {
  const router = Router();
  const keyOf = (req: Request): string => req.get('x-api-key') ?? String(req.query['x-api-key'] ?? '');
  router.use('/api', (req, _res, next) => {
    const isKey = [...world.sessions.values()].some(({ token }) => token === keyOf(req));
    next(isKey ? undefined : new Refusal(401, 'Unauthorized'));
  });

  /** The session a request is about, once it works; WAHA waits some seconds for that. */
  async function working(name: string): Promise<Session> {
    const session = world.sessions.get(name);
    if (!session) throw new Refusal(422, `Session "${name}" does not exist`);
    const endsAtMs = Date.now() + options.patienceMs;
    while (session.status !== 'WORKING' && Date.now() < endsAtMs) await delay(POLL_MS);
    if (session.status === 'WORKING') return session;
    throw new Refusal(422, 'Session status is not as expected. Try again later or restart the session', {
      error: 'Unprocessable Entity',
      session: name,
      status: session.status,
      expected: ['WORKING'],
    });
  }

  function sessionView(session: Session): unknown {
    const isPaired = session.status === 'WORKING';
    return {
      name: session.name,
      status: session.status,
      config: session.config,
      me: isPaired ? { id: `${session.number}@c.us`, pushName: session.name } : null,
      engine: { engine: world.engine },
    };
  }

  async function restart(session: Session): Promise<void> {
    session.sentByApi.clear();
    const { status } = session;
    if (status === 'STOPPED') return;
    happenings.setStatus(session, 'STARTING');
    await delay(options.restartMs);
    happenings.setStatus(session, status === 'FAILED' || status === 'STARTING' ? 'WORKING' : status);
  }

  router.get('/api/sessions', (req, res) => {
    const all = [...world.sessions.values()].filter(({ status }) => req.query.all === 'true' || status !== 'STOPPED');
    res.json(all.map(sessionView));
  });
  router.get('/api/sessions/:name', (req, res) => void res.json(sessionView(world.named(req.params.name))));
  router.put('/api/sessions/:name', (req, res) => {
    const session = world.named(req.params.name);
    // The whole of it: what is left out is gone.
    session.config = readConfig(req.body);
    const { apps } = req.body as { apps?: unknown };
    if (Array.isArray(apps) && apps.length === 0) session.apps = [];
    void restart(session);
    res.json(sessionView(session));
  });
  for (const act of ['start', 'restart'] as const) {
    router.post(`/api/sessions/:name/${act}`, (req, res) => {
      const session = world.named(req.params.name);
      if (session.status === 'WORKING') {
        // What runs already is not started.
        if (act === 'restart') void restart(session);
        return void res.status(201).json(sessionView(session));
      }
      happenings.setStatus(session, 'STARTING');
      void delay(options.restartMs).then(() => happenings.setStatus(session, session.startsAs));
      res.status(201).json(sessionView(session));
    });
  }
  router.post('/api/sessions/:name/stop', (req, res) => {
    const session = world.named(req.params.name);
    if (session.status !== 'STOPPED') session.startsAs = session.status === 'WORKING' ? 'WORKING' : 'SCAN_QR_CODE';
    happenings.setStatus(session, 'STOPPED');
    res.status(201).json(sessionView(session));
  });

  router.get('/api/apps', (req, res) => void res.json(world.named(String(req.query.session)).apps));
  router.put('/api/apps/:id', async (req, res) => {
    const app = readApp(req.params.id, req.body);
    const session = world.named(app.session);
    const before = session.apps.find(({ id }) => id === app.id);
    if (before === undefined) throw new Refusal(404, `App '${app.id}' not found`);
    // A Chatwoot that cannot be told keeps the app from being switched on, but not off.
    if (app.enabled && !before.enabled) await own.notice(app);
    else if (before.enabled && !app.enabled) void own.notice(app).catch(() => undefined);
    Object.assign(before, app);
    void restart(session);
    res.json(app);
  });
  /** Where the inbox of the app has to call: nobody looks who does. */
  router.post('/webhooks/chatwoot/:session/:id', async (req, res) => {
    const written = readAgentMessage(req.body);
    if (written === undefined) return void res.status(201).json({ success: true });
    const session = world.named(req.params.session);
    const app = appOf(session);
    if (!app?.enabled || app.id !== req.params.id) throw new Refusal(404, `App '${req.params.id}' not found`);
    res.status(201).json({ success: true });
    // A job of its own, that waits for the session; what finds the app switched off by then is dropped.
    while (session.status !== 'WORKING' && app.enabled && appOf(session)?.enabled) await delay(POLL_MS);
    if (!appOf(session)?.enabled) return;
    const sending = textSending(session, { session: session.name, ...written }, options.takesOwnIds);
    own.sentItself(app, sending.sent.id);
    leave(session, sending);
  });

  router.get('/api/:name/auth/qr', (req, res) => {
    const session = world.named(req.params.name);
    if (session.status !== 'SCAN_QR_CODE') {
      throw new Refusal(422, 'Session status is not as expected. Try again later or restart the session', {
        status: session.status,
      });
    }
    const side = 32;
    const png = makePng({ width: side, height: side, colourAt: (x, y) => ((x ^ y) & 1 ? [0, 0, 0] : [255, 255, 255]) });
    res.json({ mimetype: 'image/png', data: png.toString('base64') });
  });
  router.get('/api/:name/new-message-id', (req, res) => {
    world.named(req.params.name);
    res.json({ id: newApiId() });
  });
  router.get('/api/contacts/check-exists', async (req, res) => {
    await working(String(req.query.session));
    const phone = String(req.query.phone).replace(/\D/g, '');
    if (options.unknownNumbers.includes(phone)) return void res.json({ numberExists: false });
    const twin = brazilianTwin(`${phone}@s.whatsapp.net`)?.replace(/@.*$/, '');
    const isTwinKnown =
      twin !== undefined &&
      [...world.named(String(req.query.session)).messages.values()].some(({ chat }) => chat === `${twin}@c.us`);
    res.json({ numberExists: true, chatId: `${isTwinKnown ? twin : phone}@c.us` });
  });

  function leave(session: Session, { talk, content, sent }: Sending): void {
    session.sent.push(sent);
    session.sentByApi.add(talk.id);
    happenings.happen(session, talk, content);
    setImmediate(() => {
      for (const ack of options.acks) happenings.ack(session, talk.id, ack);
    });
  }
  function send(res: Response, session: Session, sending: Sending): void {
    leave(session, sending);
    res.status(201).json(answerOf(world, sending.talk.id, sending.sent.to));
  }
  const sessionOf = (req: Request): string => String((req.body as { session?: unknown } | undefined)?.session ?? '');
  router.post('/api/sendText', async (req, res) => {
    const session = await working(sessionOf(req));
    send(res, session, textSending(session, req.body, options.takesOwnIds));
  });
  for (const road of ['sendImage', 'sendVideo', 'sendVoice', 'sendFile'] as const satisfies readonly Road[]) {
    router.post(`/api/${road}`, async (req, res) => {
      const session = await working(sessionOf(req));
      send(res, session, await fileSending(session, road, req.body, options.takesOwnIds));
    });
  }
  router.put('/api/reaction', async (req, res) => {
    const session = await working(sessionOf(req));
    const { messageId, reaction } = read(reactionSchema, req.body);
    const message = messageNamed(session, messageId);
    const to = addressOf(message?.chat ?? messageId.split('_')[1] ?? '');
    session.sent.push({ id: newApiId(), to, type: 'reaction', text: reaction, bytes: 0, about: bareOf(messageId) });
    res.json({ key: { id: newApiId() } });
  });
  const messagePath = '/api/:name/chats/:chat/messages/:message';
  router.put(messagePath, async (req, res) => {
    const session = await working(req.params.name);
    const message = messageNamed(session, req.params.message);
    const asked = (req.body as { text?: unknown } | undefined)?.text;
    // Without a text the example of its documentation goes to the customer.
    const text = typeof asked === 'string' ? asked : 'Hello, world!';
    session.sent.push({
      id: newApiId(),
      to: addressOf(req.params.chat),
      type: 'edit',
      text,
      bytes: 0,
      about: bareOf(message?.name ?? req.params.message),
    });
    res.json({ key: { id: bareOf(req.params.message) } });
  });
  router.delete(messagePath, async (req, res) => {
    const session = await working(req.params.name);
    const about = bareOf(req.params.message);
    // Whether it is known or not.
    session.sent.push({ id: newApiId(), to: addressOf(req.params.chat), type: 'revoke', text: '', bytes: 0, about });
    res.json({ key: { id: about } });
  });
  router.get(messagePath, async (req, res) => {
    const session = await working(req.params.name);
    const { file, payload } = known(messageNamed(session, req.params.message));
    if (file !== undefined && req.query.downloadMedia === 'true') {
      file.path = `${randomBytes(6).toString('hex')}.${file.path.split('.').at(-1)}`;
      file.untilMs = Date.now() + options.fileLifeMs;
      res.json({
        ...payload,
        media: { ...(payload.media as object), url: `http://localhost:3000/api/files/${session.name}/${file.path}` },
      });
      return;
    }
    res.json(payload);
  });
  router.get('/api/:name/chats', async (req, res) => {
    const session = await working(req.params.name);
    requireStore(world, session);
    res.json(chatsOf(world, session, req.query));
  });
  router.get('/api/:name/chats/:chat/messages', async (req, res) => {
    const session = await working(req.params.name);
    requireStore(world, session);
    res.json(messagesOf(session, req.params.chat, req.query));
  });
  router.get('/api/:name/chats/:chat/picture', async (req, res) => {
    await working(req.params.name);
    res.json({ url: req.params.chat.endsWith('@lid') ? null : `https://pps.whatsapp.net/v/${req.params.chat}.jpg` });
  });
  for (const act of ['startTyping', 'stopTyping', 'sendSeen'] as const) {
    router.post(`/api/${act}`, async (req, res) => {
      await working(sessionOf(req));
      res.status(201).json({ result: true });
    });
  }

  router.get('/api/files/:name/:file', (req, res) => {
    const session = world.named(req.params.name);
    const file = [...session.messages.values()].map((message) => message.file).find((stored) => stored?.path === req.params.file);
    if (file === undefined || Date.now() > file.untilMs)
      throw new Refusal(404, `ENOENT: no such file or directory, stat '/tmp/whatsapp-files/${req.params.file}'`);
    res.setHeader('content-type', file.mimeType);
    res.send(file.bytes);
  });
  router.use('/api', (req) => {
    throw req.method === 'GET'
      ? new Refusal(404, `Cannot ${req.method} ${req.path}`)
      : new Breakdown(`Cannot ${req.method} ${req.path}`);
  });
  return router;
}

/** Each engine has an answer of its own. */
function answerOf(world: World, id: string, to: string): unknown {
  const chat = to.includes('@') ? to : `${to}@c.us`;
  const name = `true_${chat}_${id}`;
  switch (world.engine) {
    case 'NOWEB':
      return { key: { remoteJid: chat.replace('@c.us', '@s.whatsapp.net'), fromMe: true, id }, status: 'PENDING', message: {} };
    case 'GOWS':
      return { id: name, _data: {} };
    case 'WEBJS':
      return { id: { fromMe: true, remote: chat, id, _serialized: name }, ack: 0 };
  }
}
