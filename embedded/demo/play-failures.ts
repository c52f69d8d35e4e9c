import { eventually } from './client.ts';
import { ACCOUNT, type Props, setBody } from './props.ts';

/** The last act: what goes wrong elsewhere, told in words here, and the end of an integration. */
export async function playFailures(props: Props): Promise<void> {
  const { stage, request, chatwoot, engine } = props;
  const messageOf = (body: Record<string, unknown>): string => {
    const { error } = body;
    return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : '';
  };
  await request('POST', '/api/instance/new', { name: 'vendas', engine: engine.pair('vendas') });

  await stage.scene('A wrong Chatwoot token', async () => {
    const { status, body } = await request(
      'POST',
      '/api/chatwoot/set/vendas',
      setBody(props, { chatwootApiToken: 'a-wrong-token' }),
    );
    stage.show(String(status), body);
    stage.expect('answers 401 and names the field', status === 401 && messageOf(body).includes('verify chatwootApiToken'));
    stage.expect('quotes Chatwoot word for word', messageOf(body).endsWith('HTTP 401: {"error":"Invalid Access Token"}'));
  });

  await stage.scene('A host that nobody answers at', async () => {
    const { status, body } = await request(
      'POST',
      '/api/chatwoot/set/vendas',
      setBody(props, { chatwootBaseUrl: 'http://127.0.0.1:9' }),
    );
    stage.show(String(status), body);
    stage.expect(
      'answers 502 and names the address',
      status === 502 && messageOf(body).includes('unreachable at http://127.0.0.1:9'),
    );
    stage.expect('neither failure left an inbox', chatwoot.state.inboxes(ACCOUNT).length === 1);
  });

  await stage.scene('An activation, and its end', async () => {
    const { status } = await request('POST', '/api/chatwoot/set/vendas', setBody(props, { inboxName: 'WhatsApp - Vendas' }));
    stage.expect('the same instance activates once the settings are right', status === 201);
    const { status: listed, body } = await request('GET', '/api/chatwoot/list/vendas');
    stage.show(String(listed), body);
    const deleted = await request('DELETE', '/api/chatwoot/delete/vendas');
    stage.show('DELETE', '/api/chatwoot/delete/vendas');
    stage.show(String(deleted.status), deleted.body);
    stage.expect('deactivates', deleted.status === 200 && deleted.body.message === 'chatwoot integration deactivated');
    const gone = await eventually(async () => (chatwoot.state.inboxes(ACCOUNT).length === 1 ? true : undefined), 10_000);
    stage.expect('its inbox in Chatwoot is gone, the other one is untouched', gone === true);
  });
}
