import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toWhatsappText } from '../../bridge/relay/to-whatsapp/whatsapp-text.ts';

describe('toWhatsappText: formats of the editor', () => {
  it.each([
    ['Olá **Maria**', 'Olá *Maria*'],
    ['__Olá__ Maria', '*Olá* Maria'],
    ['*já* vai', '_já_ vai'],
    ['_já_ vai', '_já_ vai'],
    ['~~R$ 10~~ R$ 8', '~R$ 10~ R$ 8'],
    ['***agora***', '_*agora*_'],
    ['**a *b* c**', '*a _b_ c*'],
    ['**a **b** c**', '*a b c*'],
    ['# Pedido **7**', '*Pedido 7*'],
    ['**duas\nlinhas**', '*duas*\n*linhas*'],
    ['**Total:** 3', '*Total:* 3'],
    ['`npm i`', '`npm i`'],
    ['`` a`b ``', '```a`b```'],
    ['```js\nlet a_b = 2*3*4\n```\ndepois', '```\nlet a_b = 2*3*4\n```\ndepois'],
    ['~~~\nx\n~~~', '```\nx\n```'],
    ['- **um**\n- dois\n  - três', '- *um*\n- dois\n  - três'],
    ['1. **um**\n2. dois', '1. *um*\n2. dois'],
    ['* **um**\n\n* dois', '* *um*\n\n* dois'],
    ['> **citado**\nresposta', '> *citado*\nresposta'],
    ['- > - **x**\n  > y', '- > - *x*\n  > y'],
  ])('%j becomes %j', (markdown, text) => {
    expect(toWhatsappText(markdown)).toBe(text);
  });
});

describe('toWhatsappText: links', () => {
  it.each([
    ['[nosso site](https://x.com/a_b_c)', 'nosso site: https://x.com/a_b_c'],
    ['[https://x.com](https://x.com)', 'https://x.com'],
    ['[x.com](https://x.com/)', 'https://x.com/'],
    ['[escreva](mailto:a@b.c)', 'escreva: a@b.c'],
    ['[a@b.c](mailto:a@b.c)', 'a@b.c'],
    ['![logo](https://x.com/l.png)', 'logo: https://x.com/l.png'],
    ['![](https://x.com/l.png)', 'https://x.com/l.png'],
    ['<https://x.com>', 'https://x.com'],
    ['[**forte**](https://x.com)', '*forte*: https://x.com'],
    ['[@Ana](mention://user/1/Ana) veja', '@Ana veja'],
    ['[1](nota)', '[1](nota)'],
    ['Maria <maria@x.com>', 'Maria <maria@x.com>'],
  ])('%j becomes %j', (markdown, text) => {
    expect(toWhatsappText(markdown)).toBe(text);
  });
});

describe('toWhatsappText: line breaks, escapes and entities', () => {
  it.each([
    ['a\\\nb', 'a\nb'],
    ['a\\\n\\\nb', 'a\n\nb'],
    ['a\\\n\nb\\\n', 'a\n\nb'],
    ['a  \nb', 'a\nb'],
    ['a\r\nb\rc', 'a\nb\nc'],
    ['\n\na\n\n', 'a'],
    ['\\*a\\* b\\_c 1\\. \\# x', '*a* b_c 1. # x'],
    ['C:\\temp\\x', 'C:\\temp\\x'],
    ['AT&amp;T &lt;3 &quot;x&quot; &#39;y&#39; &#x1F600; a&nbsp;b', 'AT&T <3 "x" \'y\' 😀 a b'],
    ['&amp;lt;', '&lt;'],
    ['&#0; &#xd800; &#x110000; &unknown;', '&#0; &#xd800; &#x110000; &unknown;'],
    ['`&amp;`', '`&amp;`'],
  ])('%j becomes %j', (markdown, text) => {
    expect(toWhatsappText(markdown)).toBe(text);
  });
});

describe('toWhatsappText: what only looks like Markdown', () => {
  it.each([
    '2*3*4 = 24',
    '2 * 3 * 4',
    '5~10~15 ou ~~5~~6',
    'snake_case_name __init__x',
    'https://x.com/*a*/_b_/c_d_e?q=1_2_3&lt=4',
    'www.x.com/a_b_c',
    'Total\n-----\n3',
    'a | b\n--- | ---\n1 | 2',
    '    recuado',
    '<b>negrito</b> <br> <a_b_c>',
    '[nota]: https://x.com',
    '>18 anos',
    '#hashtag ##x',
    'a\n#',
    '#',
    'posição #\n# \n#2',
    '-5 graus',
    '+ 2 pizzas',
    '* sujeito a alteração',
    '2026. Foi um ano\ncontinua',
    '- item\nsem recuo\n- outro',
    '1) um\n2) dois',
    '- [ ] a fazer\n- [x] feito',
    '---\n***\n___',
    '```sem fim',
    '**sem fim',
    '[x](sem fim',
    '👍🏽 *',
    '¯\\',
  ])('%j stays as it is', (text) => {
    expect(toWhatsappText(text)).toBe(text);
  });
});

describe('toWhatsappText: properties', () => {
  const word = fc.oneof(
    fc.stringMatching(/^[\p{L}\p{N}.,;:!?$%'"()/@=|{}-]{1,12}$/u),
    fc.constantFrom('2*3*4', 'snake_case', 'https://x.com/a_b/*c*/d', '👍🏽', 'R$ 10,00', 'C:\\temp', '*', '_', '- ', '1. x'),
  );
  const plain = fc
    .array(
      fc.array(word, { minLength: 1, maxLength: 6 }).map((words) => words.join(' ').trimEnd()),
      { minLength: 1, maxLength: 6 },
    )
    .map((lines) => lines.join('\n'))
    .filter((text) => text.trim() === text && text !== '' && !text.includes('\\\n'));

  it('plain text comes back unchanged', () => {
    fc.assert(
      fc.property(plain, (text) => {
        expect(toWhatsappText(text)).toBe(text);
      }),
      { numRuns: 60 },
    );
  });

  it('never throws and never ends in blank space, whatever the text', () => {
    const wild = fc.array(
      fc.oneof(fc.constantFrom(...'*_~`[]()!<>#-+.\\\n\r\t &|"1a:/'), fc.string({ unit: 'binary', maxLength: 3 })),
      { maxLength: 80 },
    );
    fc.assert(
      fc.property(wild, (parts) => {
        const text = toWhatsappText(parts.join(''));
        expect(text).not.toMatch(/\n$/);
      }),
      { numRuns: 60 },
    );
  });

  it('no letter, digit or bracket is ever lost, and no line', () => {
    const marks = fc
      .array(fc.constantFrom(...'*_~[]()!<>#-+.\\\n |a1:'), { maxLength: 60 })
      .map((signs) => `x${signs.join('')}x`);
    const kept = (text: string): string => text.replace(/[^\nax1()[\]<>]/g, '');
    fc.assert(
      fc.property(marks, (text) => {
        expect(kept(toWhatsappText(text))).toBe(kept(text));
      }),
      { numRuns: 100, examples: [['x\n\\\n* x']] },
    );
  });

  it('bold, italic and struck words keep their letters', () => {
    fc.assert(
      fc.property(
        fc
          .stringMatching(/^[\p{L}\p{N} ]{1,30}$/u)
          .map((text) => text.trim())
          .filter((text) => text !== ''),
        (text) => {
          expect(toWhatsappText(`x **${text}** y`)).toBe(`x *${text}* y`);
          expect(toWhatsappText(`x _${text}_ y`)).toBe(`x _${text}_ y`);
          expect(toWhatsappText(`x ~~${text}~~ y`)).toBe(`x ~${text}~ y`);
        },
      ),
    );
  });

  it('a text of many pages keeps every character between its formats, wherever it is cut into sections', () => {
    const line = fc.constantFrom(
      'um dois  três',
      '- item',
      '  - sub item',
      '> citado',
      '',
      '1. primeiro',
      'a '.repeat(700),
      'x'.repeat(1_200),
    );
    fc.assert(
      fc.property(fc.array(line, { minLength: 30, maxLength: 60 }), (lines) => {
        const text = lines.join('\n').trim();
        expect(toWhatsappText(text)).toBe(text);
      }),
      { numRuns: 20 },
    );
    expect(toWhatsappText('**negrito** e mais\n'.repeat(300).trim())).toBe('*negrito* e mais\n'.repeat(300).trim());
    const code = `\`\`\`\n${'let a_b = **x**\n'.repeat(50)}\`\`\``;
    expect(toWhatsappText(`${'texto\n'.repeat(150)}${code}\n${'texto\n'.repeat(150)}fim`)).toContain(code);
  });

  const HOSTILE = [
    '> ',
    '- ',
    '* ',
    '1. ',
    '[',
    '*a ',
    '`a',
    '_a_',
    '_a',
    '**a',
    '**_~~a',
    '<a ',
    '<',
    '\\\n',
    ' \n',
    ' ',
    '&',
    '![',
    '[a](',
    '~~a',
  ];
  it.each([...HOSTILE, 'a.', 'a.b@', '```\n', '| a ', 'a\n\n', 'a`\n`'])(
    'takes for twice as much of %j about twice the work, not four times',
    (unit) => {
      const workOf = (length: number, rounds = 4): number => {
        const text = `${unit.repeat(length / unit.length)}x`;
        // The work of this process, whatever else the machine is busy with.
        const before = process.cpuUsage();
        for (let round = 0; round < rounds; round++) toWhatsappText(text);
        return process.cpuUsage(before).user / 1_000;
      };
      /** Measured again where it is more: whole heaps are tidied at any moment, in the time of whoever is measured just then. */
      const leastOf = (measure: () => number, enough: number): number => {
        const first = measure();
        return first < enough ? first : Math.min(first, measure(), measure());
      };
      workOf(5_000);
      const half = workOf(9_900);
      // With room for what a garbage collection adds to a few milliseconds.
      expect(leastOf(() => workOf(19_800), 3 * half + 100)).toBeLessThan(3 * half + 100);
      // Fifteen times as much, with as much room; once is long enough to be measured.
      expect(leastOf(() => 4 * workOf(149_900, 1), 40 * half + 200)).toBeLessThan(40 * half + 200);
    },
  );

  it('formats a text as long as Chatwoot takes', () => {
    const text = '**negrito** e [site](https://a.example/b)\n'.repeat(3_300).trim();
    expect(toWhatsappText(text)).toBe('*negrito* e site: https://a.example/b\n'.repeat(3_300).trim());
  });

  it('takes no notable time for formats around thousands of spaces', () => {
    const before = process.cpuUsage();
    for (let round = 0; round < 20; round++) toWhatsappText(`**_~~a${' '.repeat(19_900)}b~~_**`);
    expect(process.cpuUsage(before).user / 1_000).toBeLessThan(500);
  });
});
