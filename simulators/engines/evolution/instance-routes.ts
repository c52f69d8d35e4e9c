import { Router } from 'express';
import { z } from 'zod';
import type { Access } from './access.ts';
import type { Told } from './events.ts';
import { EvolutionRefusal } from './refusal.ts';
import type { EvolutionInstance, World } from './world.ts';

const createSchema = z.looseObject({
  instanceName: z.string().min(1),
  integration: z.string().default('WHATSAPP-BAILEYS'),
  token: z.string().optional(),
  number: z.string().optional(),
});

/** `/instance/…`: making instances, and how they are. */
export function instanceRoutes(deps: {
  world: World;
  access: Access;
  tell: (instance: EvolutionInstance, told: Told) => void;
}): Router {
  const { world, access, tell } = deps;
  const router = Router();
  router.post('/instance/create', (req, res) => {
    access.global(req);
    const { instanceName, integration, token, number } = createSchema.parse(req.body);
    if (world.instances.has(instanceName)) throw new EvolutionRefusal(403, [`This name "${instanceName}" is already in use.`]);
    const instance = world.add({ name: instanceName, token, number, connected: false, integration });
    res.status(201).json({
      instance: { instanceName, instanceId: instance.id, integration, status: 'connecting' },
      hash: instance.token,
      webhook: {},
      settings: {},
    });
  });
  router.get('/instance/connectionState/:name', (req, res) => {
    const instance = access.instance(req);
    res.json({ instance: { instanceName: instance.name, state: instance.state } });
  });
  router.get('/instance/fetchInstances', (req, res) => {
    const { instanceName } = req.query;
    const seen = access.visible(req).filter(({ name }) => instanceName === undefined || name === instanceName);
    if (seen.length === 0 && instanceName !== undefined)
      throw new EvolutionRefusal(404, [`Instance "${String(instanceName)}" not found`]);
    res.json(seen.map(fetched));
  });
  router.get('/instance/connect/:name', (req, res) => {
    const instance = access.instance(req);
    if (instance.state === 'open') {
      res.json({ instance: { instanceName: instance.name, state: 'open' } });
      return;
    }
    instance.state = 'connecting';
    instance.isLoaded = true;
    const qrcode = { pairingCode: null, code: `2@${instance.id}`, base64: 'data:image/png;base64,iVBORw0KGgo=', count: 1 };
    tell(instance, { event: 'qrcode.updated', data: { qrcode: { instance: instance.name, ...qrcode } } });
    res.json(qrcode);
  });
  router.delete('/instance/logout/:name', (req, res) => {
    const instance = access.instance(req);
    instance.state = 'close';
    tell(instance, { event: 'logout.instance', data: null });
    res.json({ status: 'SUCCESS', error: false, response: { message: 'Instance logged out' } });
  });
  router.delete('/instance/delete/:name', (req, res) => {
    const instance = access.instance(req);
    tell(instance, { event: 'remove.instance', data: { instanceName: instance.name, instanceId: instance.id } });
    world.instances.delete(instance.name);
    res.json({ status: 'SUCCESS', error: false, response: { message: 'Instance deleted' } });
  });
  router.post('/verify-creds', (req, res) => {
    access.global(req);
    res.json({ status: 200, message: 'Credentials are valid' });
  });
  return router;
}

/** `connectionStatus` is what was stored when somebody last wrote it down. */
const fetched = (instance: EvolutionInstance) => ({
  id: instance.id,
  name: instance.name,
  connectionStatus: 'open',
  ownerJid: `${instance.number}@s.whatsapp.net`,
  profileName: instance.name,
  integration: instance.integration,
  number: null,
  token: instance.token,
  clientName: 'evolution_exchange',
  Chatwoot: instance.chatwoot,
  Setting: { groupsIgnore: false },
});
