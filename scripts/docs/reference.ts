import type { z } from 'zod';
import { variables } from '../../shared/config/variables.ts';
import { type ErrorCode, errorCatalogue, errorCodes } from '../../shared/errors/catalogue.ts';
import { errorsInPortuguese, variablesInPortuguese } from './portuguese.ts';

type Language = 'en' | 'pt';

const STARTING_UP =
  /^(config_|encryption_key_|decryption_|database_(unreachable|newer|outdated)|port_|embedded_|backup_|restore_)/;

/** Who can do something about an error, in the order the reference has them. */
const groups: readonly { title: Record<Language, string>; has: (code: ErrorCode) => boolean }[] = [
  {
    title: { en: 'Your request', pt: 'A sua requisição' },
    has: (code) => !/^(chatwoot|bridge|engine)_/.test(code) && errorCatalogue[code].httpStatus < 500 && !STARTING_UP.test(code),
  },
  {
    title: {
      en: 'Chatwoot refused: you can mend it',
      pt: 'O Chatwoot recusou: você pode corrigir',
    },
    has: (code) => code.startsWith('chatwoot_') && errorCatalogue[code].httpStatus < 500,
  },
  {
    title: {
      en: 'Chatwoot failed, or cannot be reached',
      pt: 'O Chatwoot falhou, ou não pode ser alcançado',
    },
    has: (code) => code.startsWith('chatwoot_') && errorCatalogue[code].httpStatus >= 500,
  },
  {
    title: { en: 'Ponte itself: the operator can mend it', pt: 'O próprio Ponte: o operador pode corrigir' },
    has: (code) => !/^(chatwoot|engine)_/.test(code) && errorCatalogue[code].httpStatus >= 500 && !STARTING_UP.test(code),
  },
  {
    title: { en: 'Sending through the WhatsApp engine', pt: 'O envio pela API de WhatsApp' },
    has: (code) => code.startsWith('engine_'),
  },
  {
    title: { en: 'At a start, a backup or a restore', pt: 'Ao iniciar, em um backup ou em uma restauração' },
    has: (code) => STARTING_UP.test(code),
  },
];

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
const shownMessage = (message: string): string => {
  const fence = message.includes('`') ? '``' : '`';
  return fence + message.replace(/\{(\w+)\}/g, '<$1>') + fence;
};

/** The error reference as Markdown, made of the catalogue. */
function errorReference(language: Language): string {
  const texts = {
    en: {
      title: '# Errors',
      intro: `Every error body is \`{"success":false,"error":{"message":"…","code":"…"}}\`. The message is for people: what happened, why, and what to do.
The code is for programs: it stays the same when a text is improved. *Again* says whether the same request can succeed later
without anybody changing anything; where Ponte tries again by itself, it has done so before it answers.

What stands behind \`Detail:\` is what the other side said, word for word, cut at 1,000 characters, without secrets.`,
      head: '| code | HTTP | message | when | again |',
      yes: 'yes',
      no: 'no',
    },
    pt: {
      title: '# Erros',
      intro: `O corpo de cada erro é \`{"success":false,"error":{"message":"…","code":"…"}}\`. A mensagem é para pessoas: o que houve, por quê, e o que fazer (em
inglês, pois é parte do contrato). O código é para programas: continua o mesmo quando um texto melhora. *De novo* diz se a mesma requisição
pode dar certo mais tarde sem que ninguém mude nada; onde o próprio Ponte tenta de novo, ele já tentou antes de responder.

O que vem depois de \`Detail:\` é o que o outro lado disse, palavra por palavra, cortado em 1.000 caracteres, sem segredos.`,
      head: '| código | HTTP | mensagem | quando | de novo |',
      yes: 'sim',
      no: 'não',
    },
  }[language];
  const row = (code: ErrorCode): string => {
    const { httpStatus, message, when, retryable } = errorCatalogue[code];
    const explained = language === 'en' ? when : errorsInPortuguese[code];
    return `| \`${code}\` | ${httpStatus} | ${cell(shownMessage(message))} | ${cell(explained)} | ${retryable ? texts.yes : texts.no} |`;
  };
  const sections = groups.map(({ title, has }) =>
    [`## ${title[language]}`, '', texts.head, '| --- | --- | --- | --- | --- |', ...errorCodes.filter(has).map(row)].join('\n'),
  );
  return `${[texts.title, generatedBy[language], texts.intro, ...sections].join('\n\n')}\n`;
}

/** The configuration reference as Markdown, made of the variables' own schemas. */
function configurationReference(language: Language): string {
  const texts = {
    en: {
      title: '# Configuration',
      intro: `Everything is configured by environment variables, or by a file \`.env\` in the working directory. They are read once, at the start; a wrong
value stops the process with one line for each. An empty variable counts as not set. \`npm start\` needs none of them.`,
      head: '| variable | default | what it is for |',
    },
    pt: {
      title: '# Configuração',
      intro: `Tudo se configura por variáveis de ambiente, ou por um arquivo \`.env\` no diretório de trabalho. Elas são lidas uma vez, ao iniciar; um valor
errado para o processo com uma linha para cada. Uma variável vazia conta como não definida. \`npm start\` não precisa de nenhuma.`,
      head: '| variável | padrão | para que serve |',
    },
  }[language];
  const rows = Object.entries(variables).map(([name, schema]) => {
    // The name is a key of `variables`; Object.entries forgets that.
    const description = language === 'en' ? schema.meta()?.description : variablesInPortuguese[name as keyof typeof variables];
    return `| \`${name}\` | ${defaultOf(schema)} | ${cell(description ?? '')} |`;
  });
  return `${[texts.title, generatedBy[language], texts.intro, [texts.head, '| --- | --- | --- |', ...rows].join('\n')].join('\n\n')}\n`;
}

const generatedBy: Record<Language, string> = {
  en: '<!-- Made by `npm run docs` from shared/errors/catalogue.ts and shared/config/variables.ts: change it there. -->',
  pt: '<!-- Feito por `npm run docs`, de shared/ e scripts/docs/portuguese.ts: mude lá. -->',
};

/** The default of a schema, found by having it parse nothing; what is required or has none shows as a dash. */
function defaultOf(schema: z.ZodType): string {
  const parsed = schema.safeParse(undefined);
  return parsed.success && parsed.data !== undefined ? `\`${String(parsed.data)}\`` : '–';
}

/** Every generated page by its path. */
export const generatedPages = (): Record<string, string> => ({
  'docs/errors.md': errorReference('en'),
  'docs/errors.pt-BR.md': errorReference('pt'),
  'docs/configuration.md': configurationReference('en'),
  'docs/configuration.pt-BR.md': configurationReference('pt'),
});
