import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { identityOf, shownNumber } from '../../bridge/relay/to-chatwoot/identity.ts';
import type { Chat } from '../../shared/engines/event.ts';
import { canonicalNumber, spellingsOf } from '../../shared/engines/phone-number.ts';

const person = (values: Partial<Chat>): Chat => ({ type: 'private', address: values.number ?? values.lid ?? '', ...values });

describe('canonicalNumber', () => {
  it.each([
    ['5511988887777', '5511988887777', 'a Brazilian mobile number as it is dialled'],
    ['551188887777', '5511988887777', 'the same without its ninth digit'],
    ['553168887777', '5531968887777', 'an old mobile number that began with 6'],
    ['551133334444', '551133334444', 'a Brazilian landline, which has no ninth digit'],
    ['5215512345678', '525512345678', 'a Mexican mobile number with the 1 of old'],
    ['5491123456789', '5491123456789', 'an Argentinian mobile number as WhatsApp has it'],
    ['541123456789', '5491123456789', 'the same without the 9'],
    ['54111523456789', '5491123456789', 'the same with the 15 that is dialled within the country'],
    ['5435115234567', '5435115234567', 'digits that only look like that'],
    ['22997123456', '2290197123456', 'a number of Benin as it was until 2024'],
    ['22507123456', '2250707123456', 'a mobile number of Côte d’Ivoire as it was until 2021'],
    ['22521123456', '22521123456', 'a landline there, which does not tell its operator'],
    ['351912345678', '351912345678', 'a number of elsewhere'],
  ])('writes %s as %s: %s', (given, expected) => {
    expect(canonicalNumber(given)).toBe(expected);
  });

  it('is settled after one step, for whatever digits', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^\d{1,15}$/),
        (digits) => canonicalNumber(canonicalNumber(digits)) === canonicalNumber(digits),
      ),
    );
  });
});

describe('spellingsOf', () => {
  it('has each of which the canonical one is the same, for whatever digits', () => {
    const digits = fc.oneof(
      fc.stringMatching(/^\d{1,15}$/),
      fc.tuple(fc.constantFrom('54', '55', '52', '229', '225'), fc.stringMatching(/^\d{7,11}$/)).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(digits, (number) => {
        const spellings = spellingsOf(number);
        expect(spellings[0]).toBe(canonicalNumber(number));
        for (const spelling of spellings) expect(canonicalNumber(spelling)).toBe(canonicalNumber(number));
      }),
    );
  });
});

describe('identityOf', () => {
  it('is one person with and without the ninth digit, reached where WhatsApp reaches him', () => {
    const today = identityOf(person({ number: '5511988887777' }));
    const old = identityOf(person({ number: '551188887777' }));
    expect(old.addresses).toEqual(today.addresses);
    expect(old.phone).toBe('+5511988887777');
    expect(old.phoneVariants).toEqual(['+551188887777']);
    expect([today.sourceId, old.sourceId]).toEqual(['5511988887777', '551188887777']);
  });

  it('has a lid for an address and never for a number', () => {
    const identity = identityOf(person({ lid: '5511988887777@lid' }));
    expect(identity).toMatchObject({ addresses: ['5511988887777@lid'], sourceId: '5511988887777@lid', phone: undefined });
    expect(identity.identifier).toBe('5511988887777@lid');
  });

  it('has both addresses where both are known', () => {
    const identity = identityOf(person({ number: '351912345678', lid: '77@lid', name: 'Rui' }));
    expect(identity).toMatchObject({
      addresses: ['351912345678', '77@lid'],
      sourceId: '351912345678',
      identifier: '351912345678@s.whatsapp.net',
      phone: '+351912345678',
      name: 'Rui',
    });
  });

  it.each(['100', '123456789012345', '0000000', '999'])('has no phone number that nobody could dial: %s', (number) => {
    const identity = identityOf(person({ number }));
    expect(identity.phone).toBeUndefined();
    expect(identity.addresses).toEqual([number]);
  });

  it('is the group itself for a group', () => {
    expect(identityOf({ type: 'group', address: '12-34@g.us', name: 'Team' })).toMatchObject({
      kind: 'group',
      addresses: ['12-34@g.us'],
      sourceId: '12-34@g.us',
      identifier: '12-34@g.us',
      phoneVariants: [],
      name: 'Team',
    });
  });

  it('gives Chatwoot only numbers that it takes', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^\d{1,20}$/), (number) => {
        const { phone, phoneVariants } = identityOf(person({ number }));
        for (const written of [phone, ...phoneVariants]) if (written !== undefined) expect(written).toMatch(/^\+[1-9]\d{1,14}$/);
      }),
    );
  });
});

describe('shownNumber', () => {
  it.each([
    [{ number: '551188887777' }, '+55 11 98888 7777'],
    [{ number: '100' }, '+100'],
    [{ lid: '77@lid' }, ''],
  ])('shows %j as "%s"', (party, shown) => {
    expect(shownNumber(party)).toBe(shown);
  });
});
