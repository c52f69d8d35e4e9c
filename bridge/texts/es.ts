import type { MediaKind } from '../../shared/engines/event.ts';
import type { Texts } from './texts.ts';
import { dateOf, timeOf } from './times.ts';

const FILES: Readonly<Record<MediaKind, string>> = {
  image: 'una imagen',
  video: 'un video',
  audio: 'un audio',
  voice: 'un mensaje de voz',
  video_note: 'un mensaje de video',
  sticker: 'un sticker',
  document: 'un documento',
};

const OUTCOME_UNKNOWN =
  'el motor de WhatsApp no respondió a tiempo — puede que el mensaje se haya enviado o no; compruébalo antes de enviarlo de nuevo';

export const es: Texts = {
  missingFile: (kind, reason, mayFollow) =>
    `⚠️ Aquí debería haber ${FILES[kind]}, pero ${reason} — ${mayFollow ? 'el archivo llegará en cuanto se pueda; mientras tanto, míralo en el teléfono' : 'míralo en el teléfono'}`,
  fileReasons: {
    tooLarge: 'el archivo pesa más de 40 MB',
    apiSilent: 'la API no responde',
    addressSilent: 'la dirección del archivo no responde',
    addressEmpty: 'el archivo ya no está en su dirección',
    engineAway: 'el motor de WhatsApp no está disponible',
    engineNotConfigured: 'no hay un motor de WhatsApp configurado para obtener el archivo',
    engineHasNone: 'el motor de WhatsApp ya no tiene el archivo',
    chatwootRefuses: 'Chatwoot no acepta el archivo en este momento',
  },
  fileTooLargeForChatwoot: (megabytes) => `Chatwoot no acepta archivos de ${megabytes} MB`,
  location: 'Ubicación',
  liveLocation: 'Ubicación en tiempo real',
  contact: 'Contacto',
  optionChosen: 'Se eligió una opción — mírala en el teléfono',
  voted: (options) => `votó: ${options}`,
  voteTakenBack: 'retiró su voto',
  placeholder: '⏳ Esperando este mensaje — puede que ya esté en el teléfono',
  unsupported: (name) => `ℹ️ Un mensaje de un tipo que no se puede mostrar aquí (${name}) — míralo en el teléfono`,
  ad: 'Llegó por un anuncio',
  edited: 'Editado',
  editedUnseen: 'Editado — mira el nuevo texto en el teléfono',
  reactionRemoved: 'Reacción eliminada',
  deletedOnWhatsapp: 'Este mensaje fue eliminado en WhatsApp',
  call: (video) => `${video ? 'Videollamada' : 'Llamada de voz'} en WhatsApp — solo se puede contestar en el teléfono`,
  forwarded: 'Reenviado',
  unknownMember: 'Participante desconocido',
  writtenAt: (at) => `${dateOf(at)}, ${timeOf(at)} UTC`,
  historyHeading:
    '📜 Lo que sigue se escribió en WhatsApp antes de conectar este buzón. Cada mensaje dice cuándo; no se avisa a nadie.',
  fromPhone: 'Escrito en el teléfono',
  undelivered: 'WhatsApp no pudo entregar el mensaje',
  endedUnsent: 'la integración con Ponte terminó antes de enviarlo: envíalo de nuevo',
  notSent: (reason) => `⚠️ No se envió a WhatsApp: ${reason}`,
  notDeleted: (reason) => `⚠️ Eliminado solo aquí, el cliente todavía ve el mensaje: ${reason}`,
  replyReasons: {
    noNumber: 'el contacto no tiene número de WhatsApp — agrégale un teléfono en Chatwoot y vuelve a intentarlo',
    statusTakesNoReply: 'no se puede responder a un estado ni a una lista de difusión',
    groupsIgnored:
      'esta integración no atiende grupos (ignoreGroups) — escribe desde el teléfono, o pide que la activen sin ignoreGroups',
    attachmentWithoutAddress: 'Chatwoot no dio la dirección del archivo adjunto — adjúntalo de nuevo en otro mensaje',
    locationEmpty: 'la ubicación no tiene coordenadas',
    cardEmpty: 'la tarjeta de contacto está vacía',
    attachmentEmpty: 'el archivo adjunto está vacío',
    attachmentMissing: 'Chatwoot no tiene el archivo adjunto — adjúntalo de nuevo en otro mensaje',
    tooLate:
      'Ponte supo de este mensaje mucho después de que fue escrito — vuelve a intentarlo para enviarlo ahora, o escribe otro',
    unreadable: 'no se pudo leer el mensaje guardado — escríbelo de nuevo',
    outcomeUnknown: OUTCOME_UNKNOWN,
    noApi: 'no hay una API en BRIDGE_INTERNAL_RYZEAPI_URL',
  },
  apiUnreachable: (detail) => `la API no está disponible: ${detail}`,
  apiStatus: (status) => `la API respondió HTTP ${status}`,
  databaseSilent: (detail) => `la base de datos no respondió: ${detail}`,
  apiErrors: {
    engine_not_configured: () => 'esta instancia no tiene un motor de WhatsApp — indica engineUrl y engineToken',
    engine_unreachable: ({ detail }) => `el motor de WhatsApp no está disponible — inténtalo más tarde. Detalle: ${detail}`,
    engine_address_forbidden: ({ url }) => `engineUrl (${url}) lleva a una dirección privada, que este servidor no llama`,
    engine_not_connected: () =>
      'la instancia no está conectada a WhatsApp — vuelve a vincular el teléfono, o espera a que se reconecte',
    engine_rate_limited: () => 'el motor de WhatsApp está limitando nuestras solicitudes — inténtalo más tarde',
    engine_outcome_unknown: () => OUTCOME_UNKNOWN,
    engine_refused: ({ detail }) => `el motor de WhatsApp rechazó el mensaje: ${detail}`,
    engine_cannot: () => 'este tipo de motor de WhatsApp no tiene esa función',
    rate_limited: () => 'hubo demasiadas solicitudes por minuto — inténtalo más tarde',
    database_unavailable: () => 'la base de datos no está disponible — inténtalo más tarde',
    shutting_down: () => 'el servidor se está reiniciando — inténtalo en un momento',
    invalid_token: () => 'la API no acepta el token de la bridge — avisa al administrador',
    instance_not_found: () => 'la instancia ya no existe — avisa al administrador',
    internal: () => 'error inesperado en el servidor — avisa al administrador',
  },
};
