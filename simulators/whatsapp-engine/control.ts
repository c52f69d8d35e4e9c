import { Router } from 'express';
import { z } from 'zod';
import { faultSchema } from '../chatwoot/control.ts';
import type { FaultControl } from '../chatwoot/faults.ts';
import { incomingSchema, typedSchema } from './content.ts';
import { settingsSchema } from './rows.ts';
import type { EngineState } from './state.ts';

const settings = settingsSchema.partial();
/** What `--instance` and the control endpoint take. */
export const newInstanceSchema = z.object({
  name: z.string().min(1),
  token: z.string().min(1),
  ingestUrl: z.string().nullable().optional(),
  number: z.string().optional(),
  displayName: z.string().optional(),
  connected: z.boolean().optional(),
  settings: settings.optional(),
});

const connection = z.object({ connected: z.boolean(), reason: z.string().optional() });
const statusReport = z.object({ messageIds: z.array(z.string()).min(1), status: z.string() });
const anyEvent = z.object({ event: z.string(), data: z.record(z.string(), z.unknown()) });

const hidden = new Set(['token', 'base64', 'key', 'body']);

/** Everything but secrets and files, for another process to look at. */
function stateView(state: EngineState, faults: FaultControl): unknown {
  const view = {
    instances: state.instances(),
    messages: state.messages(),
    sent: state.sent(),
    deliveries: state.deliveries(),
    pending: state.pendingDeliveries(),
    faults: faults.list(),
  };
  return JSON.parse(JSON.stringify(view, (key, value: unknown) => (hidden.has(key) ? undefined : value)));
}

/** The control interface under `/__sim`, for when the engine is a process of its own. */
export function controlRoutes(state: EngineState, faults: FaultControl): Router {
  const router = Router();
  router.get('/state', (_req, res) => void res.json(stateView(state, faults)));
  router.post('/instances', (req, res) => {
    const { token: _token, ...instance } = state.addInstance(newInstanceSchema.parse(req.body));
    res.status(201).json(instance);
  });
  router.patch('/instances/:name/settings', (req, res) => {
    state.configure(req.params.name, settings.parse(req.body));
    res.status(204).end();
  });
  router.post('/instances/:name/connection', (req, res) => {
    const { connected, reason } = connection.parse(req.body);
    state.setConnected(req.params.name, connected, reason);
    res.status(204).end();
  });
  router.post('/instances/:name/receive', (req, res) => {
    const { id, chat } = state.receive(req.params.name, incomingSchema.parse(req.body));
    res.status(201).json({ id, chat });
  });
  router.post('/instances/:name/phone', (req, res) => {
    const { id, chat } = state.typeOnPhone(req.params.name, typedSchema.parse(req.body));
    res.status(201).json({ id, chat });
  });
  router.post('/instances/:name/status', (req, res) => {
    const { messageIds, status } = statusReport.parse(req.body);
    state.reportStatus(req.params.name, messageIds, status);
    res.status(204).end();
  });
  router.post('/instances/:name/events', (req, res) => {
    const { event, data } = anyEvent.parse(req.body);
    state.emit(req.params.name, event, data);
    res.status(204).end();
  });
  router.post('/deliveries/:id/again', (req, res) => {
    state.redeliver(Number(req.params.id));
    res.status(204).end();
  });
  router.post('/faults', (req, res) => {
    res.status(201).json({ id: faults.add(faultSchema.parse(req.body)).id });
  });
  router.get('/faults', (_req, res) => void res.json(faults.list()));
  router.delete('/faults', (_req, res) => {
    faults.clear();
    res.status(204).end();
  });
  return router;
}
