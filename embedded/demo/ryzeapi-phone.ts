import { createWhatsappEngineSimulator } from '../../simulators/whatsapp-engine/index.ts';
import type { DemoEngine } from './engines.ts';

/** RyzeAPI, the operator's own engine: told by hand where to deliver, and its customers read at once. */
export function createRyzeapiPhone(port: number, token: string): DemoEngine {
  const { start, stop, url, state } = createWhatsappEngineSimulator({ port, token });
  return {
    kind: 'ryzeapi',
    start,
    stop,
    url,
    environment: () => ({ ENGINE_URL: url(), ENGINE_TOKEN: token }),
    pair: () => undefined,
    delivery: {
      kind: 'by_hand',
      connect: (name, instanceToken, ingestUrl) => void state.addInstance({ name, token: instanceToken, ingestUrl }),
    },
    receive: (name, message) => state.receive(name, message).id,
    sent: (name) => state.sent(name).map(({ id, content }) => ({ id, text: content.type === 'text' ? content.text : '' })),
    read: () => undefined,
  };
}
