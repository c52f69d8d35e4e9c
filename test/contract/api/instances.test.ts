import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashToken } from '../../../shared/auth/tokens.ts';
import { engineKinds } from '../../../shared/engines/registry.ts';
import { call, createHarness, type Harness, newInstance, type RunningApi } from './harness.ts';

describe('instances', () => {
  let harness: Harness;
  let api: RunningApi;
  let token: string;

  beforeAll(async () => {
    harness = await createHarness('postgres');
    api = await harness.startApi();
    ({ token } = await harness.createAccount());
  });
  afterAll(() => harness.stop());

  const create = (body: unknown, as = token) => call(api.url, 'POST', '/api/instance/new', { token: as, body });
  const list = (query = '', as = token) => call(api.url, 'GET', `/api/instance/list${query}`, { token: as });

  it('creates one, shows its token this once, and stores no secret in the clear', async () => {
    const answer = await create({ name: 'suporte', engineUrl: 'http://engine.example/', engineToken: 'engine-secret-marker' });
    expect(answer.status).toBe(201);
    expect(answer.body).toEqual({
      success: true,
      message: 'Instance created successfully',
      instance: {
        id: expect.stringMatching(/^ins_/),
        name: 'suporte',
        token: expect.stringMatching(/^pti_/),
        status: 'disconnected',
        created_at: expect.any(String),
      },
    });
    const row = await harness.prisma.instance.findUniqueOrThrow({ where: { id: answer.body.instance.id } });
    expect(row.tokenHash).toBe(hashToken(answer.body.instance.token));
    expect(row.engineUrl).toBe('http://engine.example');
    expect(row.engineKind).toBe('ryzeapi');
    expect(Object.values(row).join()).not.toContain('engine-secret-marker');
    const listed = await list('?instanceName=suporte');
    expect(JSON.stringify(listed.body)).not.toMatch(/pti_|engine-secret-marker/);
  });

  it('takes the kind of its engine, and names those there are where it is none', async () => {
    expect((await create({ name: 'of-a-kind', engineKind: 'ryzeapi' })).status).toBe(201);
    expect((await create({ name: 'of-no-kind', engineKind: null })).status).toBe(201);
    for (const engineKind of ['telepathy', 7]) {
      expect((await create({ name: 'of-another-kind', engineKind })).body.error).toEqual({
        code: 'invalid_body',
        message: `invalid body: engineKind: must be ${engineKinds.join(' or ')}`,
      });
    }
  });

  it('takes a token of the caller, which works from then on', async () => {
    const own = 'my-own-token-3f9c1b7e5a204d68b1c2';
    const answer = await create({ name: 'own-token', token: own });
    expect(answer.body.instance.token).toBe(own);
    expect((await list('', own)).body.instances).toMatchObject([{ name: 'own-token' }]);
  });

  it.each(['1234567890123456', 'a'.repeat(40), '12121212121212121212121212121212'])(
    'takes no token that others could guess: %s',
    async (weak) => {
      const { status, body } = await create({ name: 'weak', token: weak });
      expect(status).toBe(400);
      expect(body.error.message).toMatch(/^invalid body: token: must /);
    },
  );

  it('refuses a name that is taken in the account, and a token that is taken anywhere', async () => {
    const { name, token: taken } = await newInstance(api.url, token, 'twice');
    expect(await create({ name })).toMatchObject({ status: 409, body: { error: { code: 'instance_name_taken' } } });
    expect(await create({ name: 'other', token: taken })).toMatchObject({
      status: 409,
      body: { error: { code: 'instance_token_taken' } },
    });
    const stranger = await harness.createAccount();
    expect((await create({ name: 'other', token: stranger.token })).body.error.code).toBe('instance_token_taken');
    expect((await create({ name }, stranger.token)).status).toBe(201);
  });

  it('names every field at fault', async () => {
    const answer = await create({ name: 'a b', token: 'short', engineUrl: 'ftp://x', engineToken: 'a b' });
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'invalid_body' } } });
    expect(answer.body.error.message).toBe(
      'invalid body: name: must have 1 to 100 letters, digits, _ or -; token: must have at least 32 characters; ' +
        'engineUrl: must be an http:// or https:// URL; engineToken: must not contain spaces, control characters or letters outside ASCII',
    );
    expect((await create({})).body.error.message).toBe('invalid body: name: is required');
    expect((await create([])).status).toBe(400);
  });

  it("lists the account's instances, filtered by name; an unknown single name is 404", async () => {
    const { token: fresh } = await harness.createAccount();
    expect((await list('', fresh)).body).toEqual({
      success: true,
      message: '0 Instances found',
      instances: [],
      meta: { total: 0 },
    });
    await newInstance(api.url, fresh, 'a');
    const b = await newInstance(api.url, fresh, 'b');
    expect((await list('', fresh)).body).toMatchObject({ message: '2 Instances found', meta: { total: 2 } });
    const [one] = (await list('?instanceName=a', fresh)).body.instances;
    expect(one).toMatchObject({
      name: 'a',
      status: 'disconnected',
      connection: { state: 'disconnected' },
      engine_kind: 'ryzeapi',
      chatwoot: { enabled: false },
    });
    expect((await list('?instanceName=a', fresh)).body.message).toBe('1 Instance found');
    expect((await list('?instanceName=a,b,c', fresh)).body.meta.total).toBe(2);
    expect((await list('?instanceName=a&instanceName=b', fresh)).body.meta.total).toBe(2);
    expect(await list('?instanceName=c', fresh)).toMatchObject({ status: 404, body: { error: { code: 'instance_not_found' } } });
    expect((await list('?instanceName=%00', fresh)).status).toBe(404);
    expect((await list('?instanceName=a', b.token)).body.instances).toMatchObject([{ name: 'b' }]);
  });
});
