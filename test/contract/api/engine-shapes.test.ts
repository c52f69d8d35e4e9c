import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKeyring } from '../../../shared/encryption/keyring.ts';
import { parseKeys } from '../../../shared/encryption/keys.ts';
import { DELIVERY_PATH, openDeliveryKey } from '../../../shared/engines/delivery-key.ts';
import { type EngineKind, engineOf } from '../../../shared/engines/registry.ts';
import { wishForEvents } from '../../../shared/instances/webhook-wish.ts';
import { dumpDatabase } from '../../support/dump.ts';
import { ENGINE_EXAMPLES, type EngineExample, EXAMPLE_NAMES, EXAMPLE_SECRET } from '../../support/engine-examples/index.ts';
import { type Answer, call, createHarness, type Harness, type RunningApi } from './harness.ts';

const APP_SECRET = 'AppSecretOfTheExamples';
const RUNS = 30;

let harness: Harness;
let api: RunningApi;
let token: string;

beforeAll(async () => {
  harness = await createHarness('postgres');
  api = await harness.startApi();
  ({ token } = await harness.createAccount());
});
afterAll(async () => {
  const rows = await dumpDatabase(harness.databaseUrl);
  expect(rows).toContain('message:3A01');
  expect([EXAMPLE_SECRET, APP_SECRET].filter((secret) => `${rows}\n${harness.log()}`.includes(secret))).toEqual([]);
  expect(harness.log()).not.toContain('unexpected error');
  await harness.stop();
});

/** An instance that is paired there and connected to a Chatwoot; answers how its engine delivers. */
async function pairedIn(kind: EngineKind): Promise<(body: unknown) => Promise<Answer>> {
  const { setup } = engineOf(kind);
  const engine = {
    kind,
    url: 'https://engine.example',
    token: 'user:password',
    ...(setup.nameIs === undefined ? {} : { name: EXAMPLE_NAMES[kind] }),
    ...(setup.secretIs === undefined ? {} : { secret: APP_SECRET }),
  };
  const made = await call(api.url, 'POST', '/api/instance/new', { token, body: { name: `shapes-${kind}`, engine } });
  expect(made.status).toBe(201);
  const instanceId: string = made.body.instance.id;
  await harness.prisma.chatwootIntegration.create({
    data: {
      id: `cwi_${kind}`,
      instanceId,
      bridgeIntegrationId: `int_${kind}`,
      chatwootBaseUrl: 'https://chatwoot.example',
      chatwootAccountId: 5,
      chatwootToken: '',
      chatwootInboxName: 'WhatsApp',
      signMessages: false,
      ignoreGroups: false,
      startAsPending: false,
      reopenResolved: true,
      activationId: 'act_x',
    },
  });
  const keys = parseKeys(harness.env.ENCRYPTION_KEYS ?? '');
  if ('fault' in keys) throw new Error(keys.fault);
  const keyring = createKeyring(keys.keys);
  await harness.prisma.$transaction((tx) => wishForEvents(tx, keyring, instanceId));
  const { deliveryKey } = await harness.prisma.instance.findUniqueOrThrow({ where: { id: instanceId } });
  const { key, proof } = openDeliveryKey(keyring, instanceId, deliveryKey ?? '');
  return (body) => {
    const delivery = deliveryOf(kind, body, setup.proof === 'told' ? APP_SECRET : proof);
    return call(api.url, 'POST', `${DELIVERY_PATH}${key}`, delivery);
  };
}

/** As the engine delivers it, with the proof that it gives. */
function deliveryOf(kind: EngineKind, told: unknown, secret: string): { body: string; headers: Record<string, string> } {
  const json = JSON.stringify(told);
  const isForm = kind === 'whatsmeow' && json.includes('"type"');
  const body = isForm ? new URLSearchParams({ instanceName: 'loja', jsonData: json, userID: '7' }).toString() : json;
  const signed = (algorithm: 'sha256' | 'sha512') => createHmac(algorithm, secret).update(body).digest('hex');
  const headers: Record<EngineKind, Record<string, string>> = {
    ryzeapi: {},
    evolution: { 'x-ponte-secret': secret, apikey: EXAMPLE_SECRET },
    cloud: { 'x-hub-signature-256': `sha256=${signed('sha256')}` },
    waha: { 'x-webhook-hmac': signed('sha512'), 'x-webhook-hmac-algorithm': 'sha512' },
    whatsmeow: isForm ? { 'content-type': 'application/x-www-form-urlencoded', 'x-hmac-signature': signed('sha256') } : {},
    gowa: { 'x-hub-signature-256': `sha256=${signed('sha256')}` },
  };
  return { body, headers: headers[kind] };
}

type Path = readonly (string | number)[];

/** Every place in a value, itself included. */
function placesIn(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, inner]) => placesIn(inner, [...path, key]))];
}

/** A value with another one in a place of it; without that place for undefined. */
function changedAt(value: unknown, [key, ...rest]: Path, put: unknown): unknown {
  if (key === undefined) return put;
  if (Array.isArray(value)) return value.map((inner, index) => (String(index) === key ? changedAt(inner, rest, put) : inner));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, inner]) => [name, name === key ? changedAt(inner, rest, put) : inner]);
  return Object.fromEntries(entries);
}

const strange = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom<unknown>(undefined, null, '', ' ', 0, -1, 2 ** 60, true, [], {}, [[[]]], '\u0000', '\ud800', 'x'.repeat(2_000)),
  fc.constantFrom<unknown>('0@lid', '@s.whatsapp.net', 'status@broadcast', '1@newsletter', '1@g.us', '9999-99-99', 'NaN'),
  fc.constant({ __proto__: null, token: EXAMPLE_SECRET, deep: [{ apiKey: EXAMPLE_SECRET }] }),
);

/** One of the examples, with something else in some of its places. */
const shapesOf = (examples: readonly EngineExample[]): fc.Arbitrary<unknown> =>
  fc
    .record({
      example: fc.constantFrom(...examples),
      changes: fc.array(fc.record({ place: fc.nat(), put: strange }), { minLength: 1, maxLength: 4 }),
    })
    .map(({ example, changes }) =>
      changes.reduce<unknown>((body, { place, put }) => {
        const places = placesIn(body);
        return changedAt(body, places[place % places.length] ?? [], put) ?? null;
      }, example.body),
    );

const kinds = [...new Set(ENGINE_EXAMPLES.map(({ kind }) => kind))];

describe.each(kinds)('what %s delivers', (kind) => {
  const examples = ENGINE_EXAMPLES.filter((example) => example.kind === kind);
  let deliver: (body: unknown) => Promise<Answer>;
  beforeAll(async () => {
    deliver = await pairedIn(kind);
  });

  it('is taken and stored, every example of it', async () => {
    for (const { title, body, events } of examples) {
      const { status, body: answer } = await deliver(body);
      expect({ title, status, isRead: answer.status !== 'unread' }).toEqual({ title, status: 200, isRead: events.length > 0 });
    }
  });

  it('is answered with nothing that would have it dropped or repeated for ever, whatever stands in it', async () => {
    const property = fc.asyncProperty(shapesOf(examples), async (body) => {
      expect(await deliver(body)).toMatchObject({ status: 200, body: { success: true } });
    });
    await fc.assert(property, { numRuns: RUNS });
  });
});
