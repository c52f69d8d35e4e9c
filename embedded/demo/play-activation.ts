import { eventually } from './client.ts';
import { ACCOUNT, type Props, setBody } from './props.ts';

/** Act one: an instance, its activation, and what that left on every side. Answers the instance's token. */
export async function playActivation(props: Props): Promise<string> {
  const { stage, request, database, chatwoot, chatwootToken, engine } = props;
  let instanceToken = '';

  await stage.scene('An instance', async () => {
    const instance = { name: 'suporte', engine: engine.pair('suporte') };
    const { status, body } = await request('POST', '/api/instance/new', instance);
    stage.show('POST', `/api/instance/new ${JSON.stringify(instance)}`);
    stage.expect(`answers 201 (it was ${status})`, status === 201);
    instanceToken = /pti_\w+/.exec(JSON.stringify(body))?.[0] ?? '';
    stage.expect('holds the token of the instance, shown this once', instanceToken !== '');
  });

  await stage.scene('Its activation', async () => {
    stage.show('POST', '/api/chatwoot/set/suporte');
    const { status, body } = await request('POST', '/api/chatwoot/set/suporte', setBody(props));
    stage.show(String(status), body);
    // Of an engine there may be something to know on top.
    const { warnings: _warnings, ...contract } = body;
    stage.expect(
      'answers 201 with exactly the four fields of the contract',
      status === 201 && Object.keys(contract).length === 4,
    );
    stage.expect('calls it active', body.status === 'active');
  });

  await stage.scene('What it left: one inbox in Chatwoot', async () => {
    const inboxes = chatwoot.state.inboxes(ACCOUNT);
    stage.show('inbox', inboxes.map(({ id, name }) => `${id} ${name}`).join(', '));
    stage.expect('there is exactly one', inboxes.length === 1 && inboxes[0]?.name === 'WhatsApp - Orion');
  });

  await stage.scene('What it left: a row whose token nobody can read', async () => {
    const row = await database.prisma.chatwootIntegration.findFirstOrThrow();
    stage.show('token', row.chatwootToken);
    stage.expect('is an envelope: version, key id, nonce, tag, ciphertext', /^v1\.\w+(\.[\w-]+){3}$/.test(row.chatwootToken));
    const { rows } = await database.pool.query<{ dump: string }>('SELECT a::text AS dump FROM activations a');
    const everything = JSON.stringify([row.chatwootToken, rows]);
    stage.expect('the token itself is in no row', !everything.includes(chatwootToken));
  });

  await stage.scene('What it left: an open event stream, and a status that is asked live', async () => {
    const list = await eventually(async () => {
      const { body } = await request('GET', '/api/chatwoot/list/suporte');
      return isConnected(body) ? body : undefined;
    }, 10_000);
    stage.show('GET', '/api/chatwoot/list/suporte');
    stage.show('200', list ?? (await request('GET', '/api/chatwoot/list/suporte')).body);
    stage.expect('is active, without an error', list?.status === 'active' && list.last_error === '');
    stage.expect('the WebSocket between bridge and api is open', list !== undefined);
  });
  return instanceToken;
}

const isConnected = (body: Record<string, unknown>): boolean =>
  typeof body.live === 'object' && body.live !== null && 'stream_connected' in body.live && body.live.stream_connected === true;
