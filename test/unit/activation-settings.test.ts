import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inlineChatwootSchema } from '../../api/instances/inline-chatwoot.ts';
import { activationFlags, flagNames, flagsFromWire, flagsToWire } from '../../shared/activations/flags.ts';
import { parseJobFailure, writeJobFailure } from '../../shared/activations/job.ts';
import { activationFields } from '../../shared/activations/request-fields.ts';
import {
  type ActivationSettings,
  activationSettingsSchema,
  hashOf,
  integrationColumns,
  toBridgeRequest,
} from '../../shared/activations/settings.ts';
import { bridgeActivateRequestSchema } from '../../shared/contracts/bridge.ts';

const settings: ActivationSettings = activationSettingsSchema.parse({
  chatwootBaseUrl: 'https://chat.example.com',
  chatwootAccountId: 5,
  inboxName: 'RyzeAPI',
  signMessages: true,
  startAsPending: true,
});
const owner = { instanceId: 'ins_1', chatwootToken: 'a-token' };
const call = {
  instance: { id: 'ins_1', name: 'suporte' },
  chatwootToken: 'a-token',
  ryzeapiUrl: 'http://localhost:3000',
  remainingMs: 1_000,
  endsAt: new Date(0),
};

const names = Object.keys(settings) as (keyof ActivationSettings)[];
/** The same settings but for one entry. */
const otherThan = (name: keyof ActivationSettings): fc.Arbitrary<ActivationSettings> => {
  const value = settings[name];
  const another: fc.Arbitrary<unknown> =
    typeof value === 'boolean' ? fc.constant(!value) : typeof value === 'number' ? fc.nat() : fc.string({ minLength: 1 });
  return another.filter((other) => other !== value).map((other) => ({ ...settings, [name]: other }));
};

/** Settings that no row of the api remembers: what has been taken over, the bridge knows. */
const ofTheRequest: readonly string[] = ['deleteOldInbox', 'chatwootInboxId'];

describe('a setting of an activation', () => {
  it.each(names)('%s: another value is another request, another call to the bridge and another row', (name) => {
    fc.assert(
      fc.property(otherThan(name), (changed) => {
        expect(hashOf(changed, owner)).not.toBe(hashOf(settings, owner));
        expect(toBridgeRequest(changed, call)).not.toEqual(toBridgeRequest(settings, call));
        if (!ofTheRequest.includes(name)) expect(integrationColumns(changed)).not.toEqual(integrationColumns(settings));
      }),
    );
  });

  it('that only a later version knows is hashed by its name wherever it is not off', () => {
    const later = fc.dictionary(
      fc.string({ minLength: 1 }).filter((name) => !Object.hasOwn(settings, name)),
      fc.oneof(fc.boolean(), fc.string(), fc.integer()),
    );
    fc.assert(
      fc.property(later, later, (some, others) => {
        const inUse = (given: object) => Object.fromEntries(Object.entries(given).filter(([, value]) => value !== false));
        const hash = (given: object) => hashOf({ ...settings, ...given }, owner);
        const same = JSON.stringify(Object.entries(inUse(some)).sort()) === JSON.stringify(Object.entries(inUse(others)).sort());
        expect(hash(some) === hash(others)).toBe(same);
      }),
    );
    expect(hashOf({ ...settings, ...{ notYetKnown: false } }, owner)).toBe(hashOf(settings, owner));
    expect(hashOf({ ...settings, ...{ notYetKnown: true } }, owner)).not.toBe(hashOf(settings, owner));
  });

  it('language is one of those that Ponte writes in, under its inline name as well, and reaches bridge and row; left out, the account decides', () => {
    const given: ActivationSettings = { ...settings, language: 'pt' };
    expect(activationFields.language.parse('pt')).toBe('pt');
    expect(activationFields.language.parse(null)).toBeUndefined();
    expect(activationFields.language.safeParse('fr').error?.issues[0]?.message).toBe('must be en, pt, es');
    expect(inlineChatwootSchema.shape).toHaveProperty('chatwootLanguage');
    expect(toBridgeRequest(given, call)).toMatchObject({ language: 'pt' });
    expect(toBridgeRequest(settings, call)).not.toHaveProperty('language');
    expect(integrationColumns(given)).toMatchObject({ language: 'pt' });
    expect(integrationColumns(settings)).toMatchObject({ language: null });
    expect(hashOf(given, owner)).not.toBe(hashOf(settings, owner));
  });

  it('importHistoryDays is a number of days up to 30; none is as left out, so that requests without it keep their hash', () => {
    const { importHistoryDays } = activationFields;
    expect([0, null, undefined].map((days) => importHistoryDays.parse(days))).toEqual([undefined, undefined, undefined]);
    expect([1, 30].map((days) => importHistoryDays.parse(days))).toEqual([1, 30]);
    for (const days of [-1, 31, 1.5, '7', true]) {
      expect(importHistoryDays.safeParse(days).error?.issues[0]?.message).toBe('must be a whole number from 0 to 30');
    }
    expect(inlineChatwootSchema.shape).toHaveProperty('chatwootImportHistoryDays');
    const given: ActivationSettings = { ...settings, importHistoryDays: 7 };
    expect(integrationColumns(given)).toMatchObject({ importHistoryDays: 7 });
    expect(integrationColumns(settings)).toMatchObject({ importHistoryDays: 0 });
    expect(toBridgeRequest(given, call)).toEqual(toBridgeRequest(settings, call));
    expect(hashOf(given, owner)).not.toBe(hashOf(settings, owner));
    expect(hashOf({ ...settings, importHistoryDays: undefined }, owner)).toBe(hashOf(settings, owner));
  });

  it('deleteOldInbox and chatwootInboxId belong to their request: no row remembers them', () => {
    expect(integrationColumns({ ...settings, deleteOldInbox: true, chatwootInboxId: 12 })).toEqual(integrationColumns(settings));
  });

  it('does not change the hash of requests that earlier versions have stored', () => {
    expect(hashOf(settings, owner)).toBe('8559bac1517e2ce98caf077c2d36baffb7f6678fc1bd254df69e65894c2dbf66');
  });

  it('counts together with the instance and the token', () => {
    expect(hashOf(settings, { ...owner, instanceId: 'ins_2' })).not.toBe(hashOf(settings, owner));
    expect(hashOf(settings, { ...owner, chatwootToken: 'another' })).not.toBe(hashOf(settings, owner));
  });
});

describe('a flag', () => {
  it.each(flagNames)('%s reaches the bridge as it was given', (name) => {
    for (const value of [true, false]) {
      const request = bridgeActivateRequestSchema.parse(toBridgeRequest({ ...settings, [name]: value }, call));
      expect(flagsFromWire(request)[name]).toBe(value);
      expect(flagsFromWire(flagsToWire({ ...settings, [name]: value }))[name]).toBe(value);
    }
  });

  it('has a wire name of its own', () => {
    expect(new Set(Object.values(activationFlags).map(({ wire }) => wire)).size).toBe(flagNames.length);
  });

  it('is off in a row and in a call of a version that did not know it', () => {
    const { chatwootBaseUrl, chatwootAccountId, inboxName } = settings;
    const stored = activationSettingsSchema.parse({ chatwootBaseUrl, chatwootAccountId, inboxName });
    expect(flagNames.filter((name) => stored[name])).toEqual([]);
  });
});

it('whatever `set` takes, the creation of an instance takes with the prefix `chatwoot`', () => {
  const inline = new Set(Object.keys(inlineChatwootSchema.shape).map((name) => name.replace(/^chatwoot/, '').toLowerCase()));
  expect(inline).toEqual(new Set(Object.keys(activationFields).map((name) => name.replace(/^chatwoot/, '').toLowerCase())));
});

describe('the text with which a job fails', () => {
  it('is read as it was written', () => {
    const failure = { code: 'bridge_timeout', httpStatus: 502, retryable: true, retryInMs: 500 };
    expect(parseJobFailure(writeJobFailure(failure))).toEqual({ v: 1, ...failure });
    expect(parseJobFailure(writeJobFailure({ ...failure, retryInMs: undefined }))).not.toHaveProperty('retryInMs');
  });

  it.each([
    'job stalled more than allowable limit',
    '{"v":1,',
    '{"v":1,"code":"a secret","httpStatus":500,"retryable":true}',
    '{"v":2,"code":"internal","httpStatus":500,"retryable":true}',
    'null',
  ])('is not taken for one when it is %s', (text) => {
    expect(parseJobFailure(text)).toBeUndefined();
  });
});

describe('the name of an inbox', () => {
  it.each([
    ['255 emoji', '👍'.repeat(255), true],
    ['256 emoji', '👍'.repeat(256), false],
    ['256 letters', 'x'.repeat(256), false],
    ['half an emoji', 'half \ud83d', false],
  ])('has at most 255 characters, as Chatwoot counts, and only whole ones: %s', (_name, name, isTaken) => {
    expect(activationFields.inboxName.safeParse(name).success).toBe(isTaken);
  });
});
