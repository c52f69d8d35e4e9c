import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeLiquid, escapeLiquidTo } from '../../bridge/chatwoot/liquid.ts';
import { toMarkdown } from '../../bridge/relay/to-chatwoot/markdown.ts';
import { renderBody, renderText, withSender } from '../../bridge/relay/to-chatwoot/render.ts';
import { en } from '../../bridge/texts/en.ts';
import type { MessageBody, MessageEvent } from '../../shared/engines/event.ts';
import { lengthOf } from '../../shared/text/cut.ts';
import { renderLiquid } from '../../simulators/chatwoot/liquid.ts';

// The simulator's rendering is Chatwoot's: backticks are exempt, and what is no valid template is left as it is.
const rendered = (text: string): string =>
  renderLiquid(text, {
    contact: { name: 'Maria Silva', id: 1, email: null, phoneNumber: null, customAttributes: {} },
    inbox: { id: 1, name: 'x' },
    conversation: null,
    agent: null,
    // Of the rows only what Liquid sees.
  } as unknown as Parameters<typeof renderLiquid>[1]);

describe('escapeLiquid', () => {
  it.each([
    'no braces at all',
    'Hello {{contact.name}}',
    '{{contact.name}} and {{ anything | upcase }}',
    '{% if true %}x{% endif %}',
    '{% raw %}{{contact.name}}{% endraw %}',
    '{% endraw %}{{contact.name}}',
    'code `{{contact.name}}` and {{contact.name}}',
    'one ` backtick and {{contact.name}}',
    'three ` back ` ticks ` {{contact.name}}',
    '`{{contact.name}}',
    '{{{contact.name}}}',
    '{{{{contact.name}}}}',
    '{{%{%{{',
    '{ {a} } {{',
    '{{-contact.name-}} {%- raw -%}',
    "{{ '{' }}",
    'function() {{ return {a: 1}; }}',
    'über\n{{contact.name}}\nzeilen',
  ])('lets Chatwoot store exactly what was typed: %s', (text) => {
    expect(rendered(escapeLiquid(text))).toBe(text);
  });

  it('does so for every text, but for a tag that ends raw text within backticks', () => {
    const piece = fc.constantFrom(
      '{{',
      '}}',
      '{%',
      '%}',
      '{',
      '}',
      '`',
      'contact.name',
      ' ',
      '\n',
      "'",
      '"',
      'raw',
      'if x',
      '-',
      '|',
      'é',
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join('')),
        (text) => {
          expect(rendered(escapeLiquid(text))).toBe(text);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('changes nothing that can be seen even of that one', () => {
    const text = 'a `{% endraw %}` b {{contact.name}}';
    expect(rendered(escapeLiquid(text)).replaceAll('\u200b', '')).toBe(text);
  });
});

describe('escapeLiquidTo', () => {
  const piece = fc.constantFrom('{{', '}}', '{%', '{', '`', 'a', '👍🏽', '🇧🇷', ' ', '\n');
  const text = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(''));

  it('never exceeds the length, and is read as the beginning of the text with the mark behind it', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 12, max: 60 }), (typed, most) => {
        const escaped = escapeLiquidTo(typed, most, '…');
        expect(lengthOf(escaped)).toBeLessThanOrEqual(most);
        const read = rendered(escaped);
        if (lengthOf(escapeLiquid(typed)) <= most) expect(read).toBe(typed);
        else expect(read.endsWith('…') && typed.startsWith(read.slice(0, -1))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('keeps as much as fits of what is nothing but braces', () => {
    expect(lengthOf(escapeLiquidTo('{'.repeat(150_000), 150_000, '…'))).toBeGreaterThan(149_970);
  });
});

describe('toMarkdown', () => {
  it.each([
    ['*bold*', '**bold**'],
    ['a *bold* word, and *two words*.', 'a **bold** word, and **two words**.'],
    ['~gone~', '~~gone~~'],
    ['_italic_', '_italic_'],
    ['(*a*)', '(**a**)'],
    ['2*3*4 = 24', '2*3*4 = 24'],
    ['5 * 3 * 2', '5 * 3 * 2'],
    ['* a list *', '* a list *'],
    ['*over\nlines*', '*over\nlines*'],
    ['`*code*` ```*more*```', '`*code*` ```*more*```'],
    ['https://example.com/a*b*c', 'https://example.com/a*b*c'],
    ['**', '**'],
  ])('writes %s as %s', (given, expected) => {
    expect(toMarkdown(given)).toBe(expected);
  });
});

const event = (values: Partial<MessageEvent> = {}): MessageEvent => ({
  kind: 'message',
  id: 'A',
  direction: 'incoming',
  chat: { type: 'private', address: '5511', number: '5511' },
  sender: { number: '5511988887777', name: 'Maria' },
  source: '',
  forwarded: false,
  body: { type: 'text', text: 'Oi' },
  ...values,
});

describe('rendering a message for Chatwoot', () => {
  it.each<[MessageBody, string]>([
    [{ type: 'text', text: '*Oi*' }, '**Oi**'],
    [
      { type: 'location', location: { latitude: -23.55, longitude: -46.63, name: 'Sé', address: 'Praça da Sé' } },
      '📍 Sé\nPraça da Sé\nhttps://www.google.com/maps?q=-23.55,-46.63',
    ],
    [
      { type: 'location', location: { latitude: 1, longitude: 2, name: '', address: '' } },
      '📍 Location\nhttps://www.google.com/maps?q=1,2',
    ],
    [
      {
        type: 'contacts',
        contacts: [
          { name: 'Ana', phones: ['5511988887777'] },
          { name: '', phones: ['+1 2'] },
        ],
      },
      '👤 **Ana**\n+5511988887777\n\n👤 **Contact**\n+1 2',
    ],
    [{ type: 'choice', text: 'Yes' }, '☑️ Yes'],
    [{ type: 'poll', question: 'Lunch?', options: ['Yes', 'No'] }, '📊 **Lunch?**\n- Yes\n- No'],
    [
      { type: 'unsupported', name: 'view_once', text: '' },
      'ℹ️ A message of a kind that cannot be shown here (view once) — see it on the phone',
    ],
  ])('shows %j', (body, text) => {
    expect(renderBody(body, en)).toBe(text);
  });

  it.each([
    [{ name: 'Maria', number: '5511988887777' }, '**Maria (+55 11 98888 7777):**\nOi'],
    [{ name: 'Ma*ria', lid: '7@lid' }, '**Maria:**\nOi'],
    [{ name: '\u202eMaria\u2066', number: '5511988887777' }, '**Maria (+55 11 98888 7777):**\nOi'],
    [{ number: '5511988887777' }, '**+55 11 98888 7777:**\nOi'],
    [{}, '**Unknown member:**\nOi'],
  ])('says in a group who wrote: %j', (sender, text) => {
    expect(renderText(event({ chat: { type: 'group', address: '1@g.us' }, sender }), 'Oi', en)).toBe(text);
    expect(withSender('', sender, en)).toBe(text.split('\n')[0]);
  });

  it('does not say it of what was typed on the phone, nor in a private chat', () => {
    expect(renderText(event({ chat: { type: 'group', address: '1@g.us' }, direction: 'outgoing' }), 'Oi', en)).toBe('Oi');
    expect(renderText(event(), 'Oi', en)).toBe('Oi');
  });

  it('says which kind of file is missing and why', () => {
    expect(en.missingFile('voice', en.fileReasons.tooLarge, false)).toBe(
      '⚠️ A voice message belongs here, but it is larger than 40 MB — see it on the phone',
    );
  });
});
