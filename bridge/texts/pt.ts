import type { MediaKind } from '../../shared/engines/event.ts';
import type { Texts } from './texts.ts';
import { dateOf, timeOf } from './times.ts';

const FILES: Readonly<Record<MediaKind, string>> = {
  image: 'uma imagem',
  video: 'um vídeo',
  audio: 'um áudio',
  voice: 'uma mensagem de voz',
  video_note: 'um recado de vídeo',
  sticker: 'uma figurinha',
  document: 'um documento',
};

const OUTCOME_UNKNOWN =
  'o engine do WhatsApp não respondeu a tempo — a mensagem pode ter sido enviada ou não; confira antes de enviar de novo';

/** Portuguese of Brazil. */
export const pt: Texts = {
  missingFile: (kind, reason, mayFollow) =>
    `⚠️ Aqui deveria estar ${FILES[kind]}, mas ${reason} — ${mayFollow ? 'o arquivo chega assim que possível; até lá, veja no celular' : 'veja no celular'}`,
  fileReasons: {
    tooLarge: 'o arquivo tem mais de 40 MB',
    apiSilent: 'a API não responde',
    addressSilent: 'o endereço do arquivo não responde',
    addressEmpty: 'o arquivo não está mais no endereço informado',
    engineAway: 'o engine do WhatsApp está fora do ar',
    engineNotConfigured: 'não há engine do WhatsApp configurado para buscar o arquivo',
    engineHasNone: 'o engine do WhatsApp não tem mais o arquivo',
    chatwootRefuses: 'o Chatwoot não está aceitando o arquivo no momento',
  },
  fileTooLargeForChatwoot: (megabytes) => `o Chatwoot não aceita arquivos de ${megabytes} MB`,
  location: 'Localização',
  liveLocation: 'Localização em tempo real',
  contact: 'Contato',
  optionChosen: 'Uma opção foi escolhida — veja no celular',
  voted: (options) => `votou: ${options}`,
  voteTakenBack: 'retirou o voto',
  placeholder: '⏳ Aguardando esta mensagem — talvez ela já esteja no celular',
  unsupported: (name) => `ℹ️ Mensagem de um tipo que não dá para mostrar aqui (${name}) — veja no celular`,
  ad: 'Veio de um anúncio',
  edited: 'Editada',
  editedUnseen: 'Editada — veja o novo texto no celular',
  reactionRemoved: 'Reação removida',
  deletedOnWhatsapp: 'Esta mensagem foi apagada no WhatsApp',
  call: (video) => `Chamada de ${video ? 'vídeo' : 'voz'} no WhatsApp — só dá para atender pelo celular`,
  forwarded: 'Encaminhada',
  unknownMember: 'Participante desconhecido',
  writtenAt: (at) => `${dateOf(at)} às ${timeOf(at)} UTC`,
  historyHeading:
    '📜 O que vem abaixo foi escrito no WhatsApp antes de esta caixa de entrada ser conectada. Cada mensagem diz quando; ninguém é notificado.',
  fromPhone: 'Escrito no celular',
  undelivered: 'O WhatsApp não conseguiu entregar a mensagem',
  endedUnsent: 'a integração com o Ponte terminou antes do envio — envie de novo',
  notSent: (reason) => `⚠️ Não foi enviada ao WhatsApp: ${reason}`,
  notDeleted: (reason) => `⚠️ Apagada só aqui, o cliente ainda vê a mensagem: ${reason}`,
  replyReasons: {
    noNumber: 'o contato não tem número de WhatsApp — cadastre um telefone para ele no Chatwoot e tente de novo',
    statusTakesNoReply: 'não é possível responder a um status nem a uma lista de transmissão',
    groupsIgnored: 'esta integração ignora grupos (ignoreGroups) — escreva pelo celular, ou peça para ativá-la sem ignoreGroups',
    attachmentWithoutAddress: 'o Chatwoot não informou o endereço do anexo — anexe de novo em outra mensagem',
    locationEmpty: 'a localização está sem coordenadas',
    cardEmpty: 'o cartão de contato está vazio',
    attachmentEmpty: 'o anexo está vazio',
    attachmentMissing: 'o Chatwoot não tem o anexo — anexe de novo em outra mensagem',
    tooLate:
      'o Ponte só soube desta mensagem muito depois de ela ser escrita — tente de novo para enviá-la agora, ou escreva outra',
    unreadable: 'não foi possível ler a mensagem guardada — escreva de novo',
    outcomeUnknown: OUTCOME_UNKNOWN,
    noApi: 'não há API em BRIDGE_INTERNAL_RYZEAPI_URL',
  },
  apiUnreachable: (detail) => `a API está fora do ar: ${detail}`,
  apiStatus: (status) => `a API respondeu HTTP ${status}`,
  databaseSilent: (detail) => `o banco de dados não respondeu: ${detail}`,
  apiErrors: {
    engine_not_configured: () => 'esta instância não tem engine do WhatsApp — informe engineUrl e engineToken',
    engine_unreachable: ({ detail }) => `o engine do WhatsApp está fora do ar — tente de novo mais tarde. Detalhe: ${detail}`,
    engine_address_forbidden: ({ url }) => `engineUrl (${url}) leva a um endereço privado, que este servidor não chama`,
    engine_not_connected: () => 'a instância não está conectada ao WhatsApp — pareie o celular de novo, ou espere ele voltar',
    engine_rate_limited: () => 'o engine do WhatsApp está limitando nossas requisições — tente de novo mais tarde',
    engine_outcome_unknown: () => OUTCOME_UNKNOWN,
    engine_refused: ({ detail }) => `o engine do WhatsApp recusou a mensagem: ${detail}`,
    engine_cannot: () => 'este tipo de engine do WhatsApp não tem essa função',
    rate_limited: () => 'houve requisições demais por minuto — tente de novo mais tarde',
    database_unavailable: () => 'o banco de dados está fora do ar — tente de novo mais tarde',
    shutting_down: () => 'o servidor está reiniciando — tente de novo em instantes',
    invalid_token: () => 'a API não aceita o token da bridge — avise o administrador',
    instance_not_found: () => 'a instância não existe mais — avise o administrador',
    internal: () => 'erro inesperado no servidor — avise o administrador',
  },
};
