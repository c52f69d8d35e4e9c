import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startProcess } from '../support/processes.ts';
import { waitFor } from '../support/wait-for.ts';
import { ACCOUNT_TOKEN, callEngine, maria, useWhatsappEngine } from '../support/whatsapp-engine.ts';

const { ingest } = useWhatsappEngine();

describe('the WhatsApp engine simulator as a process', () => {
  it('prints where it listens, and is played through its control interface, which shows no secret', async () => {
    const process = await startProcess({
      name: 'engine',
      entry: 'simulators/whatsapp-engine/main.ts',
      args: ['--ingest-url', `${ingest().url}/:instance`, '--instances', '[{"name":"suporte","token":"secret-token"}]'],
      env: { ENGINE_SIM_TOKEN: ACCOUNT_TOKEN },
      readyWhen: /"ready":true/,
    });
    const ready = z.object({ ready: z.literal(true), url: z.string() }).loose();
    const { url } = ready.parse(JSON.parse(process.lines()[0] ?? ''));

    const settings = await fetch(`${url}/__sim/instances/suporte/settings`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ shape: 'catalogue' }),
    });
    const message = await callEngine(`${url}/__sim/instances/suporte/receive`, {
      from: maria,
      content: { type: 'text', text: 'oi' },
    });
    await callEngine(`${url}/__sim/faults`, { path: '/api/', times: 1, action: { kind: 'status', status: 500, body: {} } });
    const failed = await callEngine(`${url}/api/message/text/suporte`, { number: '5511988887777', message: 'x' }, ACCOUNT_TOKEN);
    const sent = await callEngine(`${url}/api/message/text/suporte`, { number: '5511988887777', message: 'x' }, ACCOUNT_TOKEN);
    await waitFor(() => ingest().received.length >= 2);
    const { body: state } = await callEngine(`${url}/__sim/state`);

    expect([settings.status, message.status, failed.status, sent.status]).toEqual([204, 201, 500, 200]);
    expect(ingest().received[0]).toMatchObject({ path: '/suporte', frame: { data: { message: { content: { text: 'oi' } } } } });
    expect(state).toMatchObject({
      instances: [{ settings: { shape: 'catalogue', echo: 'after' } }],
      sent: [{ content: { text: 'x' } }],
    });
    expect(JSON.stringify(state)).not.toContain('secret-token');
    expect(await callEngine(`${url}/__sim/instances/suporte/receive`, { from: {}, content: { type: 'text' } })).toMatchObject({
      status: 400,
    });
    await process.stop();
    expect(await process.exited).toEqual({ code: 0, signal: null });
  });
});
