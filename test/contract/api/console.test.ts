import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createToken, hashToken } from '../../../shared/auth/tokens.ts';
import { type Answer, CHATWOOT_TOKEN, call, createHarness, type Harness, newInstance, type RunningApi } from './harness.ts';

const HTML = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
/** What the form on a page proves itself with. */
const fieldIn = (answer: Answer, action: string): string =>
  new RegExp(`action="${action}"[^>]*><input type="hidden" name="token" value="([^"]+)"`).exec(String(answer.body))?.[1] ?? '';

describe('the console', () => {
  let harness: Harness;
  let api: RunningApi;
  let account: { id: string; token: string };
  let shop: { name: string; token: string; id: string };

  beforeAll(async () => {
    harness = await createHarness('postgres');
    api = await harness.startApi();
    account = await harness.createAccount('Acme & Sons');
    shop = await newInstance(api.url, account.token, 'shop');
    await newInstance(api.url, account.token, 'support');
  });
  afterAll(() => harness.stop());

  /** A browser, as far as cookies go. */
  function browser(base = api.url, more: Record<string, string> = {}) {
    const jar = new Map<string, string>();
    const remember = (answer: Answer): Answer => {
      for (const line of answer.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
        if (value === '') jar.delete(name);
        else jar.set(name, value);
      }
      return answer;
    };
    const headers = () => ({ ...HTML, ...more, cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') });
    const get = async (path: string, extra = {}) =>
      remember(await call(base, 'GET', path, { headers: { ...headers(), ...extra } }));
    const post = async (path: string, form: Record<string, string>, extra = {}) =>
      remember(
        await call(base, 'POST', path, {
          headers: { ...headers(), 'content-type': 'application/x-www-form-urlencoded', ...extra },
          body: new URLSearchParams(form).toString(),
        }),
      );
    const logIn = async (token: string) => post('/login', { token: fieldIn(await get('/'), '/login'), secret: token });
    return { jar, get, post, logIn };
  }

  test('at / a browser is shown what this is, and a program the JSON it always was', async () => {
    const page = await browser().get('/');
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(page.headers.get('content-security-policy')).not.toContain('unsafe');
    for (const accept of ['application/json', '*/*']) {
      const { status, body } = await call(api.url, 'GET', '/', { headers: { accept } });
      expect([status, body.error.code]).toEqual([404, 'route_not_found']);
    }
  });

  test('a token opens it, and is neither in the cookie nor on a page nor in the database', async () => {
    const { jar, get, logIn } = browser();
    const answer = await logIn(account.token);
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/']);
    const [cookie = ''] = answer.headers.getSetCookie().filter((line) => line.startsWith('ponte_session='));
    for (const part of ['HttpOnly', 'SameSite=Strict', 'Path=/']) expect(cookie).toContain(part);
    const list = await get('/');
    expect(list.body).toContain('Acme &amp; Sons');
    expect(list.body).toContain('href="/instances/shop"');
    expect(list.headers.get('cache-control')).toBe('no-store');
    const rows = JSON.stringify(await harness.prisma.consoleSession.findMany());
    for (const secret of [account.token, jar.get('ponte_session') ?? '']) {
      expect(secret.length).toBeGreaterThan(20);
      expect(`${list.body}${rows}${harness.log()}`).not.toContain(secret);
    }
    expect(cookie).not.toContain(account.token);
  });

  test('behind HTTPS its cookies are sent over nothing else', async () => {
    const secure = await harness.startApi({ BASE_URL: 'https://ponte.example.com' });
    const [cookie = ''] = (await call(secure.url, 'GET', '/', { headers: HTML })).headers.getSetCookie();
    expect(cookie).toMatch(/^__Host-ponte_form=.*Secure/);
    await secure.stop();
  });

  test('a session ends with its logout, its time and its token, and is nothing to anybody else', async () => {
    const one = browser();
    await one.logIn(account.token);
    const two = browser();
    two.jar.set('ponte_session', one.jar.get('ponte_session') ?? '');
    expect((await two.get('/instances/shop')).status).toBe(200);
    const isIn = async () => (await two.get('/new')).status === 200;
    const out = await one.post('/logout', { token: fieldIn(await one.get('/'), '/logout') });
    expect([out.status, await isIn()]).toEqual([303, false]);
    const part = await two.get('/instances', { 'hx-request': 'true' });
    expect([part.status, part.headers.get('hx-redirect')]).toEqual([401, '/']);

    await one.logIn(account.token);
    two.jar.set('ponte_session', one.jar.get('ponte_session') ?? '');
    expect(await isIn()).toBe(true);
    const renewed = createToken('account');
    await harness.prisma.account.update({ where: { id: account.id }, data: { tokenHash: hashToken(renewed) } });
    expect(await isIn()).toBe(false);
    await harness.prisma.account.update({ where: { id: account.id }, data: { tokenHash: hashToken(account.token) } });

    two.jar.set('ponte_session', one.jar.get('ponte_session') ?? '');
    await harness.prisma.consoleSession.updateMany({ data: { expiresAt: new Date(Date.now() - 1_000) } });
    expect(await isIn()).toBe(false);
  });

  test('nobody sees or touches what is another account’s, nor an instance more than itself', async () => {
    const stranger = await harness.createAccount('Stranger');
    await newInstance(api.url, stranger.token, 'theirs');
    const theirs = browser();
    await theirs.logIn(stranger.token);
    expect((await theirs.get('/')).body).not.toContain('/instances/shop');
    expect((await theirs.get('/instances/shop')).status).toBe(404);

    const own = browser();
    await own.logIn(shop.token);
    expect((await own.get('/')).headers.get('location')).toBe('/instances/shop');
    expect((await own.get('/instances/shop')).status).toBe(200);
    for (const path of ['/instances/support', '/instances/theirs']) expect((await own.get(path)).status).toBe(404);
    for (const path of ['/new', '/instances/shop/delete']) expect((await own.get(path)).status).toBe(403);
  });

  test('a form is taken only from the page of the same session', async () => {
    const mine = browser();
    await mine.logIn(account.token);
    const form = { token: fieldIn(await mine.get('/new'), '/new'), name: 'made-here' };
    const exists = async () => (await harness.prisma.instance.count({ where: { name: 'made-here' } })) > 0;
    const other = browser();
    await other.logIn(account.token);
    const wrong = fieldIn(await other.get('/new'), '/new');
    expect(wrong).not.toBe('');
    for (const token of ['', wrong, `${form.token}x`]) expect((await mine.post('/new', { ...form, token })).status).toBe(403);
    expect((await mine.post('/new', form, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    const login = { token: fieldIn(await browser().get('/'), '/login'), secret: account.token };
    expect((await browser().post('/login', login)).status).toBe(403);
    expect(await exists()).toBe(false);
    expect((await mine.post('/new', form, { 'sec-fetch-site': 'same-origin' })).status).toBe(201);
    expect(await exists()).toBe(true);
  });

  test('what is wrong with a form is told beside the field, in the reader’s language, and no secret comes back', async () => {
    const { get, post, logIn } = browser(api.url, { 'accept-language': 'pt-BR,pt;q=0.9,en;q=0.5' });
    await logIn(account.token);
    const page = await get('/instances/shop');
    expect(page.body).toContain('<html lang="pt-BR">');
    expect((await get('/instances/shop?language=es')).body).toContain('<html lang="es">');
    expect((await get('/instances/shop?language=pt')).body).toContain('Conectar o Chatwoot');
    const refused = await post('/instances/shop/activate', {
      token: fieldIn(page, '/instances/shop/activate'),
      chatwootBaseUrl: 'ftp://x',
      chatwootApiToken: CHATWOOT_TOKEN,
    });
    expect(refused.status).toBe(400);
    expect(refused.body).toMatch(/id="chatwootAccountId-fault"[^>]*>é obrigatório</);
    expect(refused.body).toMatch(/id="chatwootBaseUrl-fault"[^>]*>precisa ser um endereço/);
    expect(refused.body).toContain('value="ftp://x"');
    expect(refused.body).not.toContain(CHATWOOT_TOKEN);
    expect(await harness.prisma.activation.count()).toBe(0);
  });

  test('an instance is made with what its kind of WhatsApp API needs, and is paired in another by its account alone', async () => {
    const mine = browser();
    await mine.logIn(account.token);
    const page = await mine.get('/new?kind=cloud');
    expect(page.body).toContain('The phone number ID');
    expect(page.body).toContain('name="engine.secret"');
    expect((await mine.get('/new')).body).not.toContain('name="engine.secret"');
    const form = { token: fieldIn(page, '/new'), name: 'official', 'engine.kind': 'cloud', 'engine.token': 'EAAG-marker-token' };
    const refused = await mine.post('/new', { ...form, 'engine.name': 'shop' });
    expect(refused.status).toBe(400);
    expect(refused.body).toMatch(/id="engine\.name-fault"[^>]*>is none/);
    expect(refused.body).toMatch(/id="engine\.secret-fault"[^>]*>is required/);
    expect(refused.body).not.toContain('EAAG-marker-token');
    const made = await mine.post('/new', { ...form, 'engine.name': '106540352242922', 'engine.secret': 'app-secret-marker' });
    expect(made.status).toBe(201);
    const engineOf = async () => {
      const { engineKind, engineUrl, engineName } = await harness.prisma.instance.findFirstOrThrow({
        where: { name: 'official' },
      });
      return [engineKind, engineUrl, engineName];
    };
    expect(await engineOf()).toEqual(['cloud', expect.stringContaining('graph.facebook.com'), '106540352242922']);

    const path = '/instances/official/engine';
    const change = {
      'engine.kind': 'waha',
      'engine.url': 'https://waha.example.com',
      'engine.token': 'a-waha-key',
      'engine.name': 'default',
    };
    const token = fieldIn(await mine.get(`${path}?kind=waha`), path);
    expect((await mine.post(path, { ...change, token: '' })).status).toBe(403);
    const moved = await mine.post(path, { ...change, token });
    expect([moved.status, moved.headers.get('location')]).toEqual([303, '/instances/official?done=engine']);
    expect(await engineOf()).toEqual(['waha', 'https://waha.example.com', 'default']);
    expect((await mine.get('/instances/official')).body).toContain('https://waha.example.com');

    const own = browser();
    await own.logIn(shop.token);
    for (const path of ['/instances/shop/engine', '/instances/official/pair']) {
      expect([path, (await own.get(path)).status]).toEqual([path, path.includes('shop') ? 403 : 404]);
    }
    expect((await own.post('/instances/shop/engine', change)).status).toBe(403);
  });

  test('the token of an instance is renewed and revoked by its account alone, shown once, and never without its form', async () => {
    const owner = await harness.createAccount('Renewing');
    const instance = await newInstance(api.url, owner.token, 'renewed');
    const opens = async (token: string) => (await call(api.url, 'GET', '/api/instance/list', { token })).status === 200;
    const mine = browser();
    await mine.logIn(owner.token);
    const path = '/instances/renewed/token';
    expect((await mine.get('/instances/renewed')).body).toContain(`href="${path}"`);
    const form = { token: fieldIn(await mine.get(path), path), overlap: '0' };
    expect((await mine.post(path, { ...form, token: '' })).status).toBe(403);
    expect(await opens(instance.token)).toBe(true);
    const renewed = await mine.post(path, form);
    const [token = ''] = /pti_\w{40}/.exec(String(renewed.body)) ?? [];
    expect([await opens(instance.token), await opens(token)]).toEqual([false, true]);
    expect((await mine.get(path)).body).not.toContain(token);
    expect(harness.log()).not.toContain(token);

    const own = browser();
    await own.logIn(token);
    expect([(await own.get(path)).status, (await own.get('/tokens')).status]).toEqual([403, 403]);
    const revoke = `${path}/revoke`;
    const revocation = { token: fieldIn(await mine.get(path), revoke), typed: 'another' };
    expect((await mine.post(revoke, revocation)).status).toBe(400);
    expect(await opens(token)).toBe(true);
    expect((await mine.post(revoke, { ...revocation, typed: 'renewed' })).status).toBe(303);
    expect(await opens(token)).toBe(false);
    expect((await mine.get(path)).body).toContain('No token is valid');
  });

  test('whoever renews the token of the account stays logged in by the new one; the one before can do all but renew', async () => {
    const owner = await harness.createAccount('Staying');
    const [mine, before] = [browser(), browser(api.url, { 'accept-language': 'pt-BR' })];
    await mine.logIn(owner.token);
    await before.logIn(owner.token);
    const form = { token: fieldIn(await mine.get('/tokens'), '/tokens'), overlap: '3600' };
    const left = fieldIn(await before.get('/tokens'), '/tokens');
    const [token = ''] = /pta_\w{40}/.exec(String((await mine.post('/tokens', form)).body)) ?? [];
    expect(token).not.toBe('');
    expect((await before.get('/')).status).toBe(200);
    const old = await before.get('/tokens');
    expect(old.body).toContain('Você entrou com o token anterior');
    expect(fieldIn(old, '/tokens')).toBe('');
    expect((await before.post('/tokens', { token: left, overlap: '0' })).status).toBe(403);
    // By the new one, and so also once the old one has ended.
    const again = { token: fieldIn(await mine.get('/tokens'), '/tokens'), overlap: '0' };
    expect((await mine.post('/tokens', again)).body).toContain('pta_');
    expect((await mine.get('/tokens')).status).toBe(200);
    expect((await before.get('/')).body).toContain('action="/login"');
    expect((await call(api.url, 'GET', '/api/instance/list', { token })).status).toBe(401);
  });

  test('operators make accounts, each name once, and renew and revoke their tokens', async () => {
    const operated = await harness.startApi({ ADMIN_USER: 'admin', ADMIN_PASSWORD: 'a-password-for-tests' });
    const authorization = `Basic ${Buffer.from('admin:a-password-for-tests').toString('base64')}`;
    const { get, post } = browser(operated.url, { authorization });
    const path = '/admin/accounts';
    const form = { token: fieldIn(await get(path), path), name: 'By <hand>' };
    expect((await post(path, { ...form, token: '' })).status).toBe(403);
    const made = await post(path, form);
    const [token = ''] = /pta_\w{40}/.exec(String(made.body)) ?? [];
    const opens = async (secret: string) => (await call(api.url, 'GET', '/api/instance/list', { token: secret })).status === 200;
    expect([made.status, await opens(token)]).toEqual([201, true]);
    expect((await post(path, form)).body).toMatch(/id="name-fault"[^>]*>[^<]*already exists/);
    expect((await post(path, { ...form, name: ' ' })).body).toMatch(/id="name-fault"[^>]*>is required/);
    const [, id = ''] = /href="\/admin\/accounts\/(acc_\w+)">By &lt;hand/.exec(String((await get(path)).body)) ?? [];
    const one = `${path}/${id}`;
    const renewed = await post(one, { token: fieldIn(await get(one), one), overlap: '0' });
    const [second = ''] = /pta_\w{40}/.exec(String(renewed.body)) ?? [];
    expect([await opens(token), await opens(second)]).toEqual([false, true]);
    const revoke = `${one}/revoke`;
    expect((await post(revoke, { token: fieldIn(await get(one), revoke), typed: 'By <hand>' })).status).toBe(303);
    expect(await opens(second)).toBe(false);
    expect((await get(`${path}/acc_none`)).status).toBe(404);
    await operated.stop();
  });

  test('an API client that prefers Portuguese gets the error in it besides the English one of the contract', async () => {
    const ask = (language: string) => call(api.url, 'GET', '/api/instance/list', { headers: { 'accept-language': language } });
    expect((await ask('pt-BR')).body.error).toEqual({
      message: 'Missing token in header',
      message_localized: 'Falta o token no cabeçalho — envie-o em `token` ou em `Authorization: Bearer`',
      code: 'missing_token',
    });
    for (const language of ['en, pt;q=0.5', '*']) {
      expect((await ask(language)).body.error).toEqual({ message: 'Missing token in header', code: 'missing_token' });
    }
  });

  test('what is done here counts like what is done over the API', async () => {
    const limited = await harness.startApi({ RATE_LIMIT_PER_MINUTE: '2' });
    const { get, post, logIn } = browser(limited.url);
    await logIn(account.token);
    const token = fieldIn(await get('/new'), '/new');
    for (let index = 0; index < 5; index += 1) expect((await get('/')).status).toBe(200);
    expect((await call(limited.url, 'GET', '/api/instance/list', { token: account.token })).status).toBe(200);
    expect((await post('/new', { token, name: 'counted' })).status).toBe(201);
    expect((await post('/new', { token, name: 'counted-too' })).status).toBe(429);
    await limited.stop();
  });

  test('an address that guesses tokens is not listened to any more, not even with the right one, whichever api it asks', async () => {
    await harness.prisma.loginAttempts.deleteMany();
    const another = await harness.startApi();
    const browsers = [api, another].map(({ url }) => browser(url));
    const guesses = Array.from({ length: 20 }, (_, index) => browsers[index % 2]?.logIn(createToken('account')));
    const statuses = (await Promise.all(guesses)).map((answer) => answer?.status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(10);
    expect(statuses.filter((status) => status === 429)).toHaveLength(10);
    for (const { logIn } of browsers) {
      const { status, headers } = await logIn(account.token);
      expect([status, headers.get('retry-after')]).toEqual([429, '60']);
    }
    expect(JSON.stringify(await harness.prisma.loginAttempts.findMany())).not.toContain('127.0.0');
    // A minute later.
    await harness.prisma.loginAttempts.updateMany({ data: { endsAt: new Date(0) } });
    expect((await browsers[0]?.logIn(account.token))?.status).toBe(303);
    expect(await harness.prisma.loginAttempts.findMany({ select: { count: true } })).toEqual([{ count: 0 }]);
    await another.stop();
  });

  test('who guesses the password of the operator has ten guesses at all processes together; whoever guesses tokens locks no operator out', async () => {
    await harness.prisma.loginAttempts.deleteMany();
    const login = { ADMIN_USER: 'ops', ADMIN_PASSWORD: 'a-good-password' };
    const apis = await Promise.all([harness.startApi(login), harness.startApi(login)]);
    const ask = async (index: number, password: string) => {
      const headers = { authorization: `Basic ${Buffer.from(`ops:${password}`).toString('base64')}` };
      return (await fetch(`${apis[index % 2]?.url}${index % 4 < 2 ? '/metrics' : '/admin'}`, { headers })).status;
    };
    const tokens = await Promise.all(Array.from({ length: 11 }, () => browser(api.url).logIn(createToken('account'))));
    expect(tokens.filter(({ status }) => status === 429)).toHaveLength(1);
    expect(await ask(2, 'a-good-password')).toBe(200);
    // The other one has not seen the operator yet.
    const statuses = await Promise.all(Array.from({ length: 20 }, (_, index) => ask(index, 'a-guess')));
    expect(statuses.filter((status) => status === 401)).toHaveLength(10);
    expect(statuses.filter((status) => status === 429)).toHaveLength(10);
    expect([await ask(0, 'a-good-password'), await ask(1, 'a-good-password')]).toEqual([429, 429]);
    await harness.prisma.loginAttempts.deleteMany();
    await Promise.all(apis.map((one) => one.stop()));
  });

  test('a page of 5,000 instances is found by name and state, and paged without skipping or repeating one', async () => {
    const many = await harness.createAccount('Many');
    await harness.prisma.$executeRaw`
      INSERT INTO instances (id, account_id, name, token_hash)
      SELECT 'ins_many' || n, ${many.id}, 'shop_' || lpad(n::text, 4, '0'), 'many' || n FROM generate_series(0, 4999) AS n`;
    const { get, logIn } = browser();
    await logIn(many.token);
    const namesOn = async (query: string) =>
      [...String((await get(`/${query}`)).body).matchAll(/href="\/instances\/([\w-]+)"/g)].map(([, name]) => name);
    const pages = await Promise.all([1, 2, 100].map((page) => namesOn(`?page=${page}`)));
    expect(pages.map((names) => [names.length, names[0], names.at(-1)])).toEqual([
      [50, 'shop_0000', 'shop_0049'],
      [50, 'shop_0050', 'shop_0099'],
      [50, 'shop_4950', 'shop_4999'],
    ]);
    expect(await namesOn('?q=SHOP_4711')).toEqual(['shop_4711']);
    expect(await namesOn(`?q=${encodeURIComponent('%')}`)).toEqual([]);
    expect(await namesOn('?show=active')).toEqual([]);
    expect((await get('/?show=inactive')).body).toContain('5,000');
  });
});
