import { Router } from 'express';
import { z } from 'zod';
import type { FaultControl } from './faults.ts';
import { conversationStatuses } from './rows.ts';
import type { ChatwootState } from './state.ts';
import { troubles } from './trouble.ts';
import { eventNames } from './world.ts';

const account = z.object({
  id: z.number().int().positive().optional(),
  name: z.string().optional(),
  locale: z.string().optional(),
  suspended: z.boolean().optional(),
  apiDisabled: z.boolean().optional(),
  inboxLimit: z.number().int().optional(),
});
const user = z.object({
  name: z.string(),
  email: z.string().optional(),
  token: z.string().optional(),
  displayName: z.string().nullish(),
  messageSignature: z.string().nullish(),
  accounts: z.array(account.extend({ id: z.number().int().positive(), role: z.enum(['administrator', 'agent']) })),
});
const bot = z.object({ name: z.string(), accountId: z.number().int().nullish(), token: z.string().optional() });

/** What `--seed` and the control endpoints take. */
export const seedSchema = z.object({
  accounts: z.array(account).default([]),
  users: z.array(user).default([]),
  agentBots: z.array(bot).default([]),
});

const faultAction = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('status'),
    status: z.number().int().min(200).max(599),
    body: z.unknown().optional(),
    contentType: z.string().optional(),
    headers: z.record(z.string(), z.string()).optional(),
  }),
  z.object({ kind: z.literal('delay'), delayMs: z.number().min(0) }),
  z.object({ kind: z.literal('delayAfterEffect'), delayMs: z.number().min(0) }),
  z.object({ kind: z.literal('hang') }),
  z.object({ kind: z.literal('reset') }),
  z.object({ kind: z.literal('hangAfterEffect') }),
  z.object({ kind: z.literal('resetAfterEffect') }),
  z.object({ kind: z.literal('dropAuthHeader') }),
  z.object({ kind: z.literal('truncateBody'), bytes: z.number().int().min(0).optional() }),
  z.object({ kind: z.literal('trouble'), trouble: z.enum(troubles), afterMs: z.number().min(0).optional() }),
]);
export const faultSchema = z.object({
  method: z.string().optional(),
  path: z.string().optional(),
  times: z.number().int().positive().optional(),
  skip: z.number().int().min(0).optional(),
  action: faultAction,
});

const reply = z.object({
  content: z.string().optional(),
  private: z.boolean().optional(),
  attachments: z.array(z.object({ filename: z.string(), contentType: z.string(), base64: z.string() })).optional(),
  agentName: z.string().optional(),
  templateMessage: z.boolean().optional(),
  contentAttributes: z.record(z.string(), z.unknown()).optional(),
});
const status = z.object({ status: z.enum(conversationStatuses), agentName: z.string().optional() });
const assignee = z.object({ agentName: z.string().nullable() });
const typing = z.object({ status: z.enum(['on', 'off']), agentName: z.string().optional() });
const settings = z.object({
  shuffleWebhooks: z.boolean().optional(),
  contactSearchesPerMinute: z.number().int().nullish(),
  messagesPerMinute: z.number().int().positive().optional(),
  blockPrivateWebhooks: z.boolean().optional(),
  deletionDelayMs: z.number().min(0).optional(),
  fileDelayMs: z.number().min(0).optional(),
});

const heldStage = z.object({ stage: z.enum(['events', 'deliveries']) });
const lostWebhooks = z.object({ event: z.enum(eventNames).optional(), times: z.number().int().min(0) });

const secretKeys = new Set(['token', 'pubsubToken', 'hmacToken', 'secret', 'blobKey']);

/** Everything but secrets, for another process to look at. */
function stateView(state: ChatwootState, faults: FaultControl): unknown {
  const view = {
    accounts: state.accounts(),
    users: state.users(),
    inboxes: state.inboxes(),
    contacts: state.contacts(),
    contactInboxes: state.contactInboxes(),
    conversations: state.conversations(),
    messages: state.messages(),
    requests: state.requests,
    webhooks: {
      deliveries: state.webhooks.deliveries,
      pending: state.webhooks.pending,
      held: state.webhooks.held,
      shuffle: state.webhooks.shuffle,
    },
    faults: faults.list(),
  };
  return JSON.parse(JSON.stringify(view, (key, value: unknown) => (secretKeys.has(key) ? undefined : value)));
}

/** Seeds whatever a seed lists. */
export function applySeed(state: ChatwootState, seed: z.infer<typeof seedSchema>): { tokens: string[] } {
  for (const values of seed.accounts) state.addAccount(values);
  const tokens = seed.users.map((values) => state.addUser(values));
  return { tokens: [...tokens, ...seed.agentBots.map((values) => state.addAgentBot(values).token)] };
}

/** The control interface under `/__sim`, for tests and for the demo when the simulator is a process of its own. */
export function controlRoutes(state: ChatwootState, faults: FaultControl): Router {
  const router = Router();
  router.get('/state', (_req, res) => void res.json(stateView(state, faults)));
  router.post('/faults', (req, res) => {
    res.status(201).json({ id: faults.add(faultSchema.parse(req.body)).id });
  });
  router.get('/faults', (_req, res) => void res.json(faults.list()));
  router.delete('/faults', (_req, res) => {
    faults.clear();
    res.status(204).end();
  });
  router.delete('/requests', (_req, res) => {
    state.clearRequests();
    res.status(204).end();
  });
  router.post('/users', (req, res) => void res.status(201).json({ token: state.addUser(user.parse(req.body)) }));
  router.post('/accounts', (req, res) => void res.status(201).json(state.addAccount(account.parse(req.body))));
  router.post('/agent_bots', (req, res) => void res.status(201).json(state.addAgentBot(bot.parse(req.body))));
  router.patch('/settings', (req, res) => {
    const { shuffleWebhooks, ...values } = settings.parse(req.body);
    if (shuffleWebhooks !== undefined) state.webhooks.shuffle = shuffleWebhooks;
    Object.assign(state.settings, values);
    res.json(state.settings);
  });
  router.post('/webhooks/lose', (req, res) => {
    const { event, times } = lostWebhooks.parse(req.body);
    state.webhooks.lose(times, event);
    res.status(204).end();
  });
  router.post('/webhooks/hold', (req, res) => {
    state.webhooks.hold(heldStage.parse(req.body).stage);
    res.status(204).end();
  });
  router.post('/webhooks/release', (_req, res) => {
    state.webhooks.release();
    res.status(204).end();
  });
  conversationControls(state, router);
  contactControls(state, router);
  return router;
}

function conversationControls(state: ChatwootState, router: Router): void {
  const base = '/conversations/:accountId/:displayId';
  const target = (params: { accountId: string; displayId: string }): [number, number] => [
    Number(params.accountId),
    Number(params.displayId),
  ];
  router.post(`${base}/reply`, (req, res) => {
    const message = state.reply(...target(req.params), reply.parse(req.body));
    res.status(201).json({ id: message.id, content: message.content, status: message.status });
  });
  router.post(`${base}/status`, (req, res) => {
    const given = status.parse(req.body);
    state.setStatus(...target(req.params), given.status, given.agentName);
    res.status(204).end();
  });
  router.post(`${base}/assignee`, (req, res) => {
    state.assign(...target(req.params), assignee.parse(req.body).agentName);
    res.status(204).end();
  });
  router.post(`${base}/typing`, (req, res) => {
    const given = typing.parse(req.body);
    state.typing(...target(req.params), given.status, given.agentName);
    res.status(204).end();
  });
  router.delete(`${base}/messages/:messageId`, (req, res) => {
    state.deleteMessage(...target(req.params), Number(req.params.messageId));
    res.status(204).end();
  });
  router.post(`${base}/messages/:messageId/retry`, (req, res) => {
    state.retryMessage(...target(req.params), Number(req.params.messageId));
    res.status(204).end();
  });
}

function contactControls(state: ChatwootState, router: Router): void {
  router.patch('/contacts/:accountId/:contactId', (req, res) => {
    const params = z.record(z.string(), z.unknown()).parse(req.body);
    const contact = state.updateContact(Number(req.params.accountId), Number(req.params.contactId), params);
    res.json({ id: contact.id, name: contact.name, blocked: contact.blocked });
  });
  router.delete('/contacts/:accountId/:contactId', (req, res) => {
    state.deleteContact(Number(req.params.accountId), Number(req.params.contactId));
    res.status(204).end();
  });
}
