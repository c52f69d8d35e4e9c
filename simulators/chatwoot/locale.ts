/** What Rails itself says of a record that is not valid: in English whatever the language of the account. */
export const validationTexts = {
  blank: "can't be blank",
  taken: 'has already been taken',
  tooLong: (limit: number) => `is too long (maximum is ${limit} characters)`,
  notInList: 'is not included in the list',
};

/** The few texts Chatwoot translates that a client of the API meets, in English and Brazilian Portuguese. */
const texts = {
  en: {
    signIn: 'You need to sign in or sign up before continuing.',
    notMember: 'You are not authorized to access this account',
    inboxDeletion: 'Your inbox deletion request will be processed in some time.',
    messageDeleted: 'This message was deleted',
    reopenedBySystem: 'System reopened the conversation due to a new incoming message.',
    statusBy: {
      open: (name: string) => `Conversation was reopened by ${name}`,
      resolved: (name: string) => `Conversation was marked resolved by ${name}`,
      pending: (name: string) => `Conversation was marked as pending by ${name}`,
      snoozed: (name: string) => `Conversation was snoozed by ${name}`,
    },
  },
  pt_BR: {
    signIn: 'Para continuar, faça login ou registre-se.',
    notMember: 'Você não está autorizado a acessar esta conta',
    inboxDeletion: 'Seu pedido de exclusão da caixa de entrada será processado dentro de algum tempo.',
    messageDeleted: 'Esta mensagem foi excluída',
    reopenedBySystem: 'O sistema reabriu a conversa devido a uma nova mensagem recebida.',
    statusBy: {
      open: (name: string) => `Conversa foi reaberta por ${name}`,
      resolved: (name: string) => `Conversa foi marcada como resolvida por ${name}`,
      pending: (name: string) => `Conversa foi marcada como pendente por ${name}`,
      snoozed: (name: string) => `Conversa foi adiada por ${name}`,
    },
  },
};

export type Texts = (typeof texts)['en'];

/** Texts of a locale; one that is not translated here falls back to English, as a missing translation does in Chatwoot. */
export function textsOf(locale: unknown): Texts {
  return locale === 'pt_BR' ? texts.pt_BR : texts.en;
}
