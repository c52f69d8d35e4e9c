import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import pretty from 'pino-pretty';
import { describe, expect, test } from 'vitest';
import { createToken } from '../../../shared/auth/tokens.ts';
import { readApiConfig, readBridgeConfig, readWorkerConfig } from '../../../shared/config/config.ts';
import { createLogger } from '../../../shared/logging/logger.ts';
import { secretsOf } from '../../../shared/logging/redaction.ts';

const MARKER = 'marker-4f1c2d-"with quotes" and \\ more';

/** Logs with `log`, and answers what was written. */
function written(log: (logger: ReturnType<typeof createLogger>) => void, secrets: string[] = []): string {
  const lines: string[] = [];
  log(createLogger({ service: 'api', level: 'trace', secrets, destination: { write: (line) => void lines.push(line) } }));
  return lines.join('');
}
/** In any spelling in which it can stand in JSON. */
const shows = (output: string, secret: string): boolean =>
  [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)].some((spelling) => output.includes(spelling));

describe('a secret that is known by its value', () => {
  const error = Object.assign(new Error(`failed with ${MARKER}`), {
    options: { headers: { 'x-else': MARKER }, list: [{ deep: [MARKER] }] },
    cause: new Error(`because of ${MARKER}`),
  });

  test.each([
    ['a message', (log: ReturnType<typeof createLogger>) => log.info(`before ${MARKER} after`)],
    ['a field', (log: ReturnType<typeof createLogger>) => log.info({ any: MARKER }, 'x')],
    [
      'a nested object',
      (log: ReturnType<typeof createLogger>) => log.info({ a: { b: { c: { d: { e: { f: MARKER } } } } } }, 'x'),
    ],
    ['an array', (log: ReturnType<typeof createLogger>) => log.info({ list: [1, [MARKER, { x: MARKER }]] }, 'x')],
    ['the name of a field', (log: ReturnType<typeof createLogger>) => log.info({ [MARKER]: 1 }, 'x')],
    ['an error, its cause, its stack and its fields', (log: ReturnType<typeof createLogger>) => log.error({ err: error }, 'x')],
    ['an error that is logged as it is', (log: ReturnType<typeof createLogger>) => log.error(error)],
    [
      'a value that is put into a message',
      (log: ReturnType<typeof createLogger>) => log.info('with %s and %j', MARKER, { a: MARKER }),
    ],
    ['a child', (log: ReturnType<typeof createLogger>) => log.child({ at: { bottom: MARKER } }).info('x')],
    ['an address', (log: ReturnType<typeof createLogger>) => log.info({ url: `http://h/?q=${encodeURIComponent(MARKER)}` }, 'x')],
  ])('is not shown in %s', (_where, log) => {
    const output = written(log, [MARKER]);
    expect(output).toContain('"service":"api"');
    expect(shows(output, MARKER)).toBe(false);
    expect(written(log)).toMatch(/marker-4f1c2d/); // or this would prove nothing
  });

  test('is not shown wherever in whatever it stands', () => {
    fc.assert(
      fc.property(
        fc.json({ maxDepth: 6 }),
        fc.string({ minLength: 12, maxLength: 40, unit: 'grapheme-ascii' }),
        (json, secret) => {
          fc.pre(secret.trim().length >= 12 && !'"service":"api","level":30,"msg":"x","[redacted]"'.includes(secret));
          const object: unknown = JSON.parse(json, (_key, value) => (typeof value === 'string' ? `${value}${secret}` : value));
          expect(
            shows(
              written((log) => log.info({ object }, `x ${secret}`), [secret]),
              secret,
            ),
          ).toBe(false);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('a secret that is known by its name', () => {
  const NAMES = [
    'token',
    'chatwootApiToken',
    'chatwoot_api_token',
    'api_access_token',
    'api-access-token',
    'authorization',
    'Authorization',
    'cookie',
    'set-cookie',
    'password',
    'ADMIN_PASSWORD',
    'engineToken',
    'webhookSecret',
    'secret',
    'api_key',
    'webhookKey',
  ];
  test.each(NAMES)('is not shown in a field called %s, however deep', (name) => {
    const output = written((log) => {
      log.info({ [name]: MARKER }, 'x');
      log.info({ request: { options: { json: { body: [{ [name]: MARKER }] } } } }, 'x');
      log.info({ request: { [name]: { raw: [MARKER] } } }, 'x');
      log.error(Object.assign(new Error('x'), { options: { headers: { [name]: MARKER } } }));
    });
    expect(output).not.toContain('marker-4f1c2d');
  });

  test('is not shown in a text that names it', () => {
    const output = written((log) => {
      log.info('GET /x?token=abcdefgh12345678&y=1');
      log.info({ reason: 'sent Authorization: Bearer abcdefgh12345678' }, 'x');
      log.info({ url: 'postgresql://ponte:abcdefgh12345678@db:5432/ponte' }, 'x');
      log.info({ body: '{"chatwoot_api_token":"abcdefgh12345678"}' }, 'x');
    });
    expect(output).not.toContain('abcdefgh12345678');
    expect(output).toContain('db:5432/ponte');
  });

  test('may be said to be missing or there', () => {
    expect(written((log) => log.info({ hasToken: true, token: null, tokenHash: 'h' }, 'x'))).toContain(
      '"hasToken":true,"token":null,"tokenHash":"h"',
    );
  });
});

test('Ponte’s own tokens are never shown', () => {
  const tokens = (['account', 'instance', 'webhook'] as const).map(createToken);
  const output = written((log) => log.info({ list: tokens, path: `/webhooks/${tokens[2]}` }, `token ${tokens[0]}`));
  for (const token of tokens) expect(output).not.toContain(token);
});

test('every secret of every configuration is known to its logger', () => {
  const key = Buffer.alloc(32, 7).toString('base64');
  const env = {
    DATABASE_URL: 'postgresql://ponte:db-p%40ssword@db/ponte',
    REDIS_URL: 'redis://:redis-password@redis:6379',
    BRIDGE_DATABASE_URL: 'postgresql://bridge:bridge-password@db/bridge',
    BRIDGE_URL: 'http://bridge:3001',
    BRIDGE_TOKEN: 'the-token-of-the-bridge',
    ADMIN_USER: 'ops',
    ADMIN_PASSWORD: 'the-password-of-ops',
    ENGINE_TOKEN: 'the-token-of-the-engine',
    ENCRYPTION_KEYS: `k1:${key}`,
  };
  const common = ['the-token-of-the-bridge', 'the-password-of-ops', key];
  expect(secretsOf(readApiConfig(env))).toEqual(
    expect.arrayContaining([...common, 'db-p@ssword', 'redis-password', 'the-token-of-the-engine']),
  );
  expect(secretsOf(readWorkerConfig(env))).toEqual(expect.arrayContaining([...common, 'db-p@ssword', 'redis-password']));
  expect(secretsOf(readBridgeConfig(env))).toEqual(expect.arrayContaining([...common, 'bridge-password']));
});

describe('what a log line looks like', () => {
  test('is one line of JSON with the service, the level and the moment', () => {
    const line = written((log) =>
      log.child({ requestId: 'req_1' }).warn({ code: 'x', list: [1, null, { a: 1.5 }] }, 'two\nlines'),
    );
    expect(line.trimEnd().split('\n').length).toBe(1);
    expect(JSON.parse(line)).toMatchObject({
      service: 'api',
      level: 40,
      requestId: 'req_1',
      code: 'x',
      list: [1, null, { a: 1.5 }],
      msg: 'two\nlines',
    });
    expect(JSON.parse(line).time).toMatch(/^\d{4}-\d\d-\d\dT/);
  });

  test('is for people in a terminal, and keeps secrets there as well', async () => {
    const output = new PassThrough();
    const destination = pretty({ colorize: false, destination: output, sync: true });
    const log = createLogger({ service: 'api', level: 'info', secrets: ['a-known-secret'], destination });
    log.info({ a: 'a-known-secret', token: 'other-secret' }, 'hello a-known-secret');
    const [shown] = await once(output, 'data');
    expect(String(shown)).toMatch(/INFO.*hello \[redacted\]/);
    expect(String(shown)).not.toMatch(/a-known-secret|other-secret/);
  });
});
