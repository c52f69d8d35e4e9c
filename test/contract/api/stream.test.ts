import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { streamPath } from '../../../shared/contracts/stream.ts';
import { BRIDGE_TOKEN, call, createHarness, type Harness, newInstance, type RunningApi } from './harness.ts';

describe('GET /ws/chatwoot/:instance', () => {
  let harness: Harness;
  let api: RunningApi;
  let instance: { id: string; name: string; token: string };

  beforeAll(async () => {
    harness = await createHarness('postgres');
    api = await harness.startApi();
    const { token } = await harness.createAccount();
    instance = await newInstance(api.url, token, 'streamed');
  });
  afterAll(() => harness.stop());

  const connect = (base: string, path: string, token?: string) =>
    new WebSocket(`${base.replace('http', 'ws')}${path}`, {
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    });
  const refusal = async (socket: WebSocket): Promise<{ status: number; body: unknown }> => {
    const [, response] = await once(socket, 'unexpected-response');
    let text = '';
    for await (const chunk of response) text += chunk;
    return { status: response.statusCode, body: JSON.parse(text) };
  };

  it('greets the bridge, and is addressed by the id of the instance', async () => {
    const socket = connect(api.url, streamPath(instance.id), BRIDGE_TOKEN);
    const [frame] = await once(socket, 'message');
    expect(JSON.parse(String(frame))).toEqual({ type: 'hello', instance: 'streamed', latest: 0 });
    socket.close();
  });

  it('is for BRIDGE_TOKEN only', async () => {
    expect(await refusal(connect(api.url, streamPath(instance.id)))).toMatchObject({
      status: 401,
      body: { error: { code: 'missing_token' } },
    });
    expect(await refusal(connect(api.url, streamPath(instance.id), instance.token))).toMatchObject({
      status: 401,
      body: { success: false, error: { message: 'Invalid token' } },
    });
  });

  it('knows neither an instance that does not exist nor any other path', async () => {
    expect(await refusal(connect(api.url, streamPath('ins_nobody'), BRIDGE_TOKEN))).toMatchObject({
      status: 404,
      body: { error: { code: 'instance_not_found' } },
    });
    for (const path of ['/ws/other', '/ws/chatwoot/', '/ws/chatwoot/%00', '/ws/chatwoot/a/b']) {
      expect(await refusal(connect(api.url, path, BRIDGE_TOKEN))).toMatchObject({
        status: 404,
        body: { error: { code: 'route_not_found' } },
      });
    }
    expect((await call(api.url, 'GET', streamPath(instance.id))).status).toBe(404);
  });

  it('does not exist while the gateway is off', async () => {
    const off = await harness.startApi({ BRIDGE_URL: undefined });
    expect(await refusal(connect(off.url, streamPath(instance.id), BRIDGE_TOKEN))).toMatchObject({
      status: 404,
      body: { error: { code: 'route_not_found' } },
    });
    await off.stop();
  });

  it('tells the bridge to come back (1001) when the api stops', async () => {
    const other = await harness.startApi();
    const socket = connect(other.url, streamPath(instance.id), BRIDGE_TOKEN);
    await once(socket, 'message');
    const closed = once(socket, 'close');
    await other.stop();
    expect((await closed)[0]).toBe(1001);
  });

  it('drops a bridge that sends more than an acknowledgement needs', async () => {
    const socket = connect(api.url, streamPath(instance.id), BRIDGE_TOKEN);
    await once(socket, 'message');
    socket.send('x'.repeat(5_000));
    expect((await once(socket, 'close'))[0]).toBe(1009);
  });
});
