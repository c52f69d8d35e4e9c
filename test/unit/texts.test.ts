import { describe, expect, it } from 'vitest';
import { apiErrorText } from '../../bridge/texts/api-error.ts';
import { en } from '../../bridge/texts/en.ts';
import { es } from '../../bridge/texts/es.ts';
import { pt } from '../../bridge/texts/pt.ts';
import { isUndelivered, textsOf } from '../../bridge/texts/texts.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';

describe('the language of agents', () => {
  it.each([
    [null, 'pt_BR', pt],
    [null, 'pt', pt],
    [null, 'es', es],
    [null, 'es_419', es],
    [null, 'en', en],
    [null, 'de', en],
    [null, '', en],
    [null, null, en],
    ['es', 'pt_BR', es],
    ['en', 'pt_BR', en],
  ])('is, where %s was set and the account has %s, the right one', (language, accountLocale, texts) => {
    expect(textsOf({ language, accountLocale })).toBe(texts);
  });

  it('does not matter for knowing what Ponte itself has marked as undelivered', () => {
    for (const { undelivered } of [en, pt, es]) expect(isUndelivered(undelivered)).toBe(true);
    expect(isUndelivered('500 Internal Server Error')).toBe(false);
  });

  it('says when something was written as people there write it, by one clock', () => {
    const at = new Date('2026-11-04T17:05:00Z');
    expect([en, pt, es].map(({ writtenAt }) => writtenAt(at))).toEqual([
      '4 Nov 2026, 17:05 UTC',
      '04/11/2026 às 17:05 UTC',
      '04/11/2026, 17:05 UTC',
    ]);
  });

  it('keeps what the engine said, and the api’s own words in English', () => {
    const { code, message } = new PonteError('engine_refused', { detail: 'HTTP 400: (a+b) is no number' });
    expect(apiErrorText(en, code, message)).toBe(message);
    expect(apiErrorText(pt, code, message)).toBe('o engine do WhatsApp recusou a mensagem: HTTP 400: (a+b) is no number');
    expect(apiErrorText(es, code, message)).toBe('el motor de WhatsApp rechazó el mensaje: HTTP 400: (a+b) is no number');
    expect(apiErrorText(pt, 'of_tomorrow', 'told so')).toBe('told so');
    expect(apiErrorText(pt, undefined, 'told so')).toBe('told so');
  });
});
