import { describe, expect, it } from 'vitest';
import type { Delivery } from '../../shared/engines/engine.ts';
import { engineKinds, engineOf } from '../../shared/engines/registry.ts';

const MARKER = 'SecretOfTheEngineMarker';
/** Where engines put what opens them: beside their data, in it, and behind the fields of a form. */
const SECRETS = { apikey: MARKER, instanceToken: MARKER, token: MARKER, 'z-api-token': MARKER };
const withSecrets = (event: Readonly<Record<string, unknown>>): Record<string, unknown> => ({ ...event, ...SECRETS });

const deliveries: readonly Record<string, unknown>[] = [
  {
    event: 'message.exchange',
    data: { id: 'A', direction: 'incoming', chat: { jid: '5511@s.whatsapp.net' }, message: { type: 'text', content: 'oi' } },
    instanceData: { instance: 'suporte', baseUrl: 'https://x.example', token: MARKER },
  },
  {
    ...withSecrets({ event: 'messages.upsert', instance: 'suporte' }),
    data: {
      key: { remoteJid: '5511900000001@s.whatsapp.net', fromMe: false, id: 'A' },
      message: { conversation: 'oi' },
      messageTimestamp: 1_771_373_387,
    },
  },
  withSecrets({
    event: 'MESSAGE',
    instance: 'suporte',
    data: { key: { remoteJid: '5511@s.whatsapp.net', fromMe: false, id: 'A' }, message: { conversation: 'oi' } },
  }),
];

describe.each(engineKinds)('what is stored of a delivery of %s', (kind) => {
  it.each(deliveries.map((body, index) => [index, body] as const))(
    'holds no secret of the engine: delivery %i',
    (_index, body) => {
      const engine = engineOf(kind);
      const delivery: Delivery = {
        body,
        rawBody: Buffer.from(JSON.stringify(body)),
        headers: { 'content-type': 'application/json', apikey: MARKER, token: MARKER },
        name: 'suporte',
      };
      // What cannot be read is not stored.
      const stored = engine.unpack(delivery).filter((payload) => engine.readEvent(payload).ok);
      expect(JSON.stringify(stored).includes(MARKER)).toBe(false);
    },
  );
});
