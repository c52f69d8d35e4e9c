import { Router } from 'express';
import { z } from 'zod';
import { faultSchema } from '../chatwoot/control.ts';
import { incomingSchema, typedSchema } from '../whatsapp-engine/content.ts';
import type { EngineSimulator } from './engine-simulator.ts';

export const newInstanceSchema = z.object({
  name: z.string().min(1),
  token: z.string().min(1).optional(),
  number: z.string().optional(),
  connected: z.boolean().optional(),
});
const statusReport = z.object({
  messageIds: z.array(z.string()).min(1),
  status: z.enum(['delivered', 'read', 'failed']),
});
const connection = z.object({ connected: z.boolean() });

/** The part of WhatsApp under `/__sim`, for when the simulator is a process of its own: the same on every engine. */
export function controlRoutes(simulator: EngineSimulator): Router {
  const router = Router();
  router.post('/instances', (req, res) => {
    const { name, number } = simulator.addInstance(newInstanceSchema.parse(req.body));
    res.status(201).json({ name, number });
  });
  router.get('/instances/:name', ({ params: { name } }, res) => {
    res.json({
      sent: simulator.sent(name),
      webhook: simulator.webhookOf(name) ?? null,
      pending: simulator.pending(),
      dropped: simulator.dropped(),
    });
  });
  router.post('/instances/:name/receive', (req, res) => {
    res.status(201).json({ id: simulator.receive(req.params.name, incomingSchema.parse(req.body)) });
  });
  router.post('/instances/:name/phone', (req, res) => {
    res.status(201).json({ id: simulator.typeOnPhone(req.params.name, typedSchema.parse(req.body)) });
  });
  router.post('/instances/:name/status', (req, res) => {
    const { messageIds, status } = statusReport.parse(req.body);
    simulator.reportStatus(req.params.name, messageIds, status);
    res.status(204).end();
  });
  router.post('/instances/:name/connection', (req, res) => {
    simulator.setConnected(req.params.name, connection.parse(req.body).connected);
    res.status(204).end();
  });
  router.post('/faults', (req, res) => {
    res.status(201).json({ id: simulator.faults.add(faultSchema.parse(req.body)).id });
  });
  router.get('/faults', (_req, res) => void res.json(simulator.faults.list()));
  router.delete('/faults', (_req, res) => {
    simulator.faults.clear();
    res.status(204).end();
  });
  return router;
}
