import type { Engine } from '../../shared/engines/engine.ts';
import { type EngineKind, engineKinds } from '../../shared/engines/registry.ts';

type Language = 'en' | 'pt';

/** The test that holds a cell: its file, and its title or that of its group. */
export interface CellProof {
  readonly file: string;
  readonly title: string;
}

/** What one engine can do of one row, in both languages, and by which tests that is known. */
export interface Cell {
  /** Whether it can do it at all, where the code says so too (`fact` of the row). */
  readonly can: boolean;
  readonly en: string;
  readonly pt: string;
  readonly proofs: readonly CellProof[];
}

interface Row {
  readonly en: string;
  readonly pt: string;
  /** What the code itself says of `can`. */
  readonly fact?: (engine: Engine) => boolean;
  readonly cells: Readonly<Record<EngineKind, Cell>>;
}

const headings: Readonly<Record<EngineKind, string>> = {
  ryzeapi: 'RyzeAPI (`ryzeapi`)',
  evolution: 'Evolution API v2 (`evolution`)',
  cloud: 'WhatsApp Cloud API (`cloud`)',
  waha: 'WAHA (`waha`)',
  gowa: 'GOWA (`gowa`)',
  whatsmeow: 'wuzapi, evolution-go (`whatsmeow`)',
};
/** As people look for them. */
const columns: readonly EngineKind[] = [
  'ryzeapi',
  'evolution',
  'cloud',
  'waha',
  'gowa',
  'whatsmeow',
  ...engineKinds.filter((kind) => !Object.hasOwn(headings, kind)),
];

const at =
  (file: string) =>
  (title: string): CellProof => ({ file: `test/${file}.test.ts`, title });
/** What several test files run. */
const inSuite =
  (file: string) =>
  (title: string): CellProof => ({ file: `test/${file}.ts`, title });
const relayed = inSuite('support/engine-suite');
const throughEvolution = at('long/evolution');
const imported = at('contract/history');
const evolutionApi = at('contract/evolution-engine');
const evolutionEvents = at('unit/evolution-events');
const cloudApi = at('contract/cloud-engine');
const cloudEvents = at('unit/cloud-events');
const wahaApi = at('contract/waha-engine');
const gowaApi = at('contract/gowa-engine');
const whatsmeowApi = at('contract/whatsmeow-engine');
const whatsmeowEvents = at('unit/whatsmeow-events');
const ryzeapiShapes = at('contract/whatsapp-event-shapes');
const ryzeapiEvents = at('unit/ryzeapi-events');
const messages = at('contract/relay.messages');
const replies = at('contract/replies.sending');
const askingAnEngine = at('contract/api/engines');

/** A cell; `en` and `pt` begin with what comes after "yes" or "no". */
const cell = (can: boolean, [en, pt]: readonly [string, string], ...proofs: CellProof[]): Cell => ({ can, en, pt, proofs });
const yes = (...proofs: CellProof[]): Cell => cell(true, ['yes', 'sim'], ...proofs);
const no = (...proofs: CellProof[]): Cell => cell(false, ['no', 'não'], ...proofs);

const BOTH_WAYS = [
  relayed('a customer’s message arrives in Chatwoot, under name and number'),
  relayed('a file arrives, fetched from where the engine has it'),
  relayed('an agent’s file reaches the customer'),
] as const;
const TICKS = relayed('an agent’s answer reaches the customer once, shows what became of it, and its echo is no message');
const FROM_PHONE = relayed('what is typed on the phone shows as outgoing, in the same conversation');

/** Engine by capability. An engine without a cell does not compile; a cell without a test that holds it fails a test. */
export const engineTable: readonly Row[] = [
  {
    en: 'text, files, voice, quotes, both ways',
    pt: 'texto, arquivos, voz, citações, nos dois sentidos',
    cells: {
      ryzeapi: yes(
        ryzeapiShapes('what the engine tells as %j is understood'),
        messages('quotes what it answers'),
        inSuite('e2e/suites/relay-to-whatsapp')(
          'arrive signed, with their files, once; their echoes come to nothing, and their ticks come back',
        ),
        replies('quotes the customer’s message, and sends without a quote what quotes something unknown'),
      ),
      evolution: yes(
        throughEvolution('has every message in Chatwoot: texts, files, what was typed on the phone, and what became of them'),
        evolutionApi('arrives: text with a quote, every medium, a voice message'),
        evolutionEvents('has its quote and its file whatever form its values have: %s'),
      ),
      cloud: cell(
        true,
        [
          'yes, within 24 hours of the customer’s last message; texts of up to 4096 characters',
          'sim, até 24 horas depois da última mensagem do cliente; textos de até 4096 caracteres',
        ],
        ...BOTH_WAYS,
        relayed('an answer outside of the 24 hours fails, and says what to do'),
        cloudApi('goes out with its quote, and its first status proves which one it was'),
        cloudApi('that is too long is refused before it is sent'),
      ),
      waha: yes(
        ...BOTH_WAYS,
        wahaApi('sends texts with their quote and under an id of ours, and takes a file as a link or in base64'),
        wahaApi('what a customer sends is understood: %j'),
      ),
      gowa: yes(
        ...BOTH_WAYS,
        gowaApi('sends texts with their quote, and files as a form or by their address'),
        gowaApi('is understood: %j'),
      ),
      whatsmeow: cell(
        true,
        ['yes; a file of 64 MiB at most', 'sim; arquivos de até 64 MiB'],
        ...BOTH_WAYS,
        whatsmeowApi('sends a file of any kind, by its address as well'),
        whatsmeowEvents('answers, and quotes in evolution-go’s own words'),
      ),
    },
  },
  {
    en: 'edits, deletions, reactions arrive',
    pt: 'edições, exclusões e reações chegam',
    cells: {
      ryzeapi: yes(
        ryzeapiShapes('what the engine tells as %j is understood'),
        messages('an edit answers it with the new text; each edit is shown once'),
        messages('a reaction answers it, and opens nothing that was resolved'),
      ),
      evolution: yes(
        evolutionEvents('is an edit %s'),
        evolutionEvents('is a deletion %s, which counts once'),
        evolutionEvents('is a reaction'),
      ),
      cloud: cell(
        true,
        ['yes; edits and deletions from coexistence numbers only', 'sim; edições e exclusões só de números em coexistência'],
        cloudEvents('is understood: %j'),
        cloudEvents('that was typed on the phone of a coexistence number is outgoing, and so are its edits and deletions'),
      ),
      waha: yes(wahaApi('what a customer sends is understood: %j'), at('unit/waha-events')('what WAHA tells beside messages')),
      gowa: yes(gowaApi('is understood: %j'), at('unit/gowa-events')('what GOWA tells beside messages')),
      whatsmeow: cell(
        true,
        [
          'yes; of an edit that the engine could not open, that there was one',
          'sim; da edição que a engine não conseguiu abrir, só que houve uma',
        ],
        whatsmeowApi('what a customer sends is understood: %j'),
        whatsmeowEvents('%j (%j) is told as such'),
      ),
    },
  },
  {
    en: 'delivered and read',
    pt: 'entregue e lido',
    cells: {
      ryzeapi: yes(messages('ticks follow what WhatsApp tells, only forward, and survive a message that was deleted')),
      evolution: yes(throughEvolution('sends what agents write, once, and shows what became of it')),
      cloud: cell(
        true,
        ['yes; a message that failed says why', 'sim; a mensagem que falhou diz por quê'],
        TICKS,
        cloudEvents('that failed tells the agent why, and what to do about a closed 24-hour window'),
      ),
      waha: cell(true, ['yes; in groups not over GOWS', 'sim; em grupos não com GOWS'], TICKS),
      gowa: yes(TICKS),
      whatsmeow: yes(TICKS),
    },
  },
  {
    en: 'deletion for everyone, edits, reactions sent',
    pt: 'enviar exclusão para todos, edição, reação',
    fact: ({ act }) => act !== undefined,
    cells: {
      ryzeapi: no(at('contract/relay.reports')('is told by a note where the engine cannot, in the language of the account')),
      evolution: yes(evolutionApi('is done to a message that was sent: deleted, edited, answered with an emoji')),
      cloud: cell(
        true,
        ['reactions only', 'só reações'],
        cloudApi('that is a reaction goes out; nothing can be edited or deleted'),
      ),
      waha: yes(wahaApi('reacts, edits and deletes by full names, and never edits to nothing')),
      gowa: yes(gowaApi('reacts, edits and deletes')),
      whatsmeow: yes(whatsmeowApi('reacts, takes back, edits and deletes')),
    },
  },
  {
    en: 'what is typed on the phone shows in Chatwoot',
    pt: 'o que é digitado no celular aparece no Chatwoot',
    cells: {
      ryzeapi: yes(messages('is an outgoing message, exactly as it was typed')),
      evolution: yes(
        throughEvolution('has every message in Chatwoot: texts, files, what was typed on the phone, and what became of them'),
      ),
      cloud: cell(
        true,
        ['from coexistence numbers', 'de números em coexistência'],
        FROM_PHONE,
        cloudApi('brings what is typed on the phone'),
      ),
      waha: yes(FROM_PHONE),
      gowa: yes(FROM_PHONE),
      whatsmeow: yes(FROM_PHONE),
    },
  },
  {
    en: 'Ponte sets the webhook itself, and gives the old one back',
    pt: 'o Ponte configura o webhook sozinho e devolve o antigo',
    fact: ({ webhook }) => webhook !== undefined,
    cells: {
      ryzeapi: cell(
        false,
        ['no: point it at `/api/events/ingest/<instance>`', 'não: aponte para `/api/events/ingest/<instância>`'],
        at('contract/api/list-delete')('lists the documented flat shape, with status and last_error as the bridge sees them now'),
      ),
      evolution: yes(
        evolutionApi('is set and given back as it was, secret headers and all: %s'),
        at('long/engines')(
          'an engine is named once: from the activation on it delivers to Ponte, and after the deactivation as it did before',
        ),
      ),
      cloud: cell(
        true,
        [
          'yes, for this number alone; an address that stood for the number cannot be put back',
          'sim, só para este número; um endereço que o número já tinha não pode ser devolvido',
        ],
        cloudApi('is set after our address was verified, tells what stood there, and is given back'),
      ),
      waha: cell(
        true,
        [
          'yes, beside those of others; the session restarts for some seconds',
          'sim, ao lado dos outros; a sessão reinicia por alguns segundos',
        ],
        wahaApi('adds its webhook to those that are there, restarts nothing that needs no change, and takes only its own away'),
      ),
      gowa: cell(
        true,
        ['yes, from version 8 on, for the device alone', 'sim, da versão 8 em diante, só para o dispositivo'],
        gowaApi('gives the webhook that stood there back, and says where a GOWA is too old to have one of a device'),
      ),
      whatsmeow: cell(
        true,
        [
          'wuzapi: yes; evolution-go does not tell the old one, so nothing is given back',
          'wuzapi: sim; a evolution-go não informa o antigo, então nada é devolvido',
        ],
        whatsmeowApi('gives back the webhook and the events that stood there'),
        whatsmeowApi('says that evolution-go does not tell where it delivered before'),
      ),
    },
  },
  {
    en: 'proof of origin of what is delivered',
    pt: 'prova de origem do que é entregue',
    fact: ({ isGenuine }) => isGenuine !== undefined,
    cells: {
      ryzeapi: cell(
        false,
        ['the TokenInstance', 'o TokenInstance'],
        at('contract/api/events')('takes the token from the header, as Bearer or from the URL, and never logs the latter'),
      ),
      evolution: cell(
        true,
        ['a secret header beside the secret address', 'um header secreto, além do endereço secreto'],
        evolutionEvents('is genuine with the secret that was given with the webhook, and with no other'),
      ),
      cloud: cell(
        true,
        ['HMAC-SHA256 with the app secret', 'HMAC-SHA256 com o app secret'],
        cloudEvents('is the signature over the bytes as they came, with the app secret'),
      ),
      waha: cell(
        true,
        ['HMAC-SHA512 with a key that Ponte sets', 'HMAC-SHA512 com uma chave que o Ponte define'],
        wahaApi('tells who wrote, what it answers, and that it is proven to come from WAHA'),
      ),
      gowa: cell(
        true,
        ['HMAC-SHA256 with a secret that Ponte sets', 'HMAC-SHA256 com um segredo que o Ponte define'],
        gowaApi('is proven by the secret that was set, and by no other'),
      ),
      whatsmeow: cell(
        true,
        [
          'wuzapi: HMAC-SHA256 with a key that Ponte sets, where it signs; evolution-go: the secret address alone',
          'wuzapi: HMAC-SHA256 com uma chave que o Ponte define, quando ela assina; evolution-go: só o endereço secreto',
        ],
        whatsmeowApi('signs what it delivers where it can'),
        whatsmeowEvents('signed is genuine by its key alone; unsigned by its address'),
      ),
    },
  },
  {
    en: 'tells when the phone connects or disconnects',
    pt: 'avisa quando o celular conecta ou desconecta',
    fact: ({ setup }) => setup.tellsConnection,
    cells: {
      ryzeapi: yes(ryzeapiEvents('reads what is no message of its own: %s')),
      evolution: yes(evolutionApi('is its own sendings and their receipts, and how the phone is connected')),
      cloud: cell(
        false,
        ['no: it is asked', 'não: é consultada'],
        cloudApi('tells the number, whether it is registered, and that a token is dead'),
      ),
      waha: yes(wahaApi('says when the phone connects and disconnects')),
      gowa: cell(false, ['no: it is asked', 'não: é consultada'], gowaApi('tells how the phone is, and what to scan')),
      whatsmeow: yes(whatsmeowEvents('what whatsmeow tells beside messages')),
    },
  },
  {
    en: 'tells what was written before an activation (`importHistoryDays`)',
    pt: 'conta o que foi escrito antes da ativação (`importHistoryDays`)',
    fact: ({ readHistory }) => readHistory !== undefined,
    cells: {
      ryzeapi: cell(false, ['no', 'não']),
      evolution: cell(
        true,
        ['what its database has kept', 'o que o banco dela guardou'],
        imported('what was delivered already comes once, and what was written after the activation comes like any other message'),
      ),
      cloud: cell(false, ['no', 'não']),
      waha: cell(
        true,
        ['yes; over NOWEB with the session’s store switched on', 'sim; com NOWEB, se o store da sessão estiver ligado'],
        imported('an engine that is not set up to tell'),
      ),
      gowa: cell(false, ['no', 'não']),
      whatsmeow: cell(false, ['no', 'não']),
    },
  },
  {
    en: '`POST /api/instance/check`',
    pt: '`POST /api/instance/check`',
    fact: ({ check }) => check !== undefined,
    cells: {
      ryzeapi: yes(askingAnEngine('asks RyzeAPI for the instance of that name')),
      evolution: yes(evolutionApi('is told by the state itself, with what the owner should know')),
      cloud: yes(cloudApi('tells the number, whether it is registered, and that a token is dead')),
      waha: yes(wahaApi('tells how the session stands, whether another Chatwoot is switched on, and what to scan')),
      gowa: yes(gowaApi('tells how the phone is, and what to scan')),
      whatsmeow: yes(whatsmeowApi('tells how the phone is, and what to scan')),
    },
  },
  {
    en: '`GET /api/instance/qr/<instance>`',
    pt: '`GET /api/instance/qr/<instância>`',
    fact: ({ pair }) => pair !== undefined,
    cells: {
      ryzeapi: no(),
      evolution: cell(true, ['QR code and pairing code', 'QR code e código de pareamento'], evolutionApi('is made by a QR code')),
      cloud: cell(false, ['no: there is nothing to scan', 'não: não há o que escanear']),
      waha: cell(
        true,
        ['QR code', 'QR code'],
        wahaApi('tells how the session stands, whether another Chatwoot is switched on, and what to scan'),
      ),
      gowa: cell(true, ['QR code', 'QR code'], gowaApi('tells how the phone is, and what to scan')),
      whatsmeow: cell(true, ['QR code', 'QR code'], whatsmeowApi('tells how the phone is, and what to scan')),
    },
  },
];

/** The table of docs/engines.md, as Markdown. */
function renderEngineTable(language: Language): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    `| | ${columns.map((kind) => headings[kind]).join(' | ')} |`,
    line(['---', ...columns.map(() => '---')]),
    ...engineTable.map((row) => line([row[language], ...columns.map((kind) => row.cells[kind][language])])),
  ].join('\n');
}

/** Puts the table in its place in a page of docs/: it is the only one whose first heading is empty. Throws where there is none. */
export function withEngineTable(page: string, language: Language): string {
  const [table] = /^\| \| RyzeAPI .*(?:\n\|.*)+/m.exec(page) ?? [];
  if (table === undefined) throw new Error('the page has no table of engines');
  return page.replace(table, () => renderEngineTable(language));
}
