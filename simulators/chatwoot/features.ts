/** What a given Chatwoot release does differently, as far as a bridge can notice. */
export interface Features {
  version: string;
  /** Webhook signature and timestamp, `secret` in the inbox, and the call that resets it: since 4.13.0. */
  signedWebhooks: boolean;
  /** `X-Chatwoot-Delivery`: since 4.12.0. */
  deliveryId: boolean;
  /** The strict name format of inboxes: 2.7.0 up to 4.2.x. */
  inboxNameFormat: boolean;
  /** Status updates of messages over the API: since 4.2.0. */
  messageStatusUpdate: boolean;
  /** Typing in webhooks: since 4.2.0. */
  typingWebhooks: boolean;
  /** `additional_attributes` of a contact are merged by an update, and replaced before: since 4.2.0. */
  mergedAdditionalAttributes: boolean;
  /** Webhooks follow redirects: since 4.14.0, with the fetcher that also refuses private addresses. */
  webhookRedirects: boolean;
  /** Whether webhooks to private addresses are refused: never before 4.14.0, always in that release, and as the operator says after it. */
  privateWebhooks: 'allowed' | 'refused' | 'configured';
  /** `account` inside the conversation of a webhook: since 4.14.2. */
  accountInWebhook: boolean;
  /** The plan gate (403), translated membership text, and the inbox limit after role and validation: since 4.16.0. */
  planGate: boolean;
  /** A text of its own for a statement that took the database too long: since 4.16.0. */
  statementTimeoutText: boolean;
  /** `GET /health`, and `has_more` in a contact search over all contacts: since 4.11.0. */
  health: boolean;
  /** `POST contact_inboxes/filter`: since 3.2.0. */
  contactInboxFilter: boolean;
  /** A plus in front of a number that is looked for is taken away before one is added: since 4.7.0. Before, `+55…` becomes `++55…`. */
  phoneFilterTakesPlus: boolean;
  /** A contact's conversations by their last activity, and before by their number: since 4.0.2. */
  conversationsByActivity: boolean;
  /** Free keys in `content_attributes`, where there were `in_reply_to` and `items` only: since 4.9.0. */
  freeContentAttributes: boolean;
  /** How long the source id of a message may be: 20,000 since 4.9.0, 255 before. */
  messageSourceIdLength: number;
  /** `assignee_type` in webhooks: since 4.8.0. */
  assigneeTypeInWebhook: boolean;
  /** `content_type` of attachments, and their `extension`, which is null before: since 4.13.0. */
  attachmentContentType: boolean;
  /**
   * The address of an audio file asks for it inline, and a job looks into it, which is an update of its message. 4.8.0 has neither, and 4.14.2
   * has both; which release between brought each was not looked into.
   */
  inlineAudio: boolean;
  /** Webhooks without the hard breaks of the editor (a backslash before the line break) and line breaks at the end: since 4.13.0. */
  plainBreaksInWebhook: boolean;
  /** The flood guard of 200 messages a minute: since 3.9.0. */
  floodGuard: boolean;
  /** A failed webhook marks its message as failed: since 3.3.0. */
  failureMarking: boolean;
  /** Built with Ruby 3.4, which prints maps and quotes names in another way: 4.14.2 is; where that began was not looked into. */
  ruby34: boolean;
  /**
   * `csat_config` of inboxes, `blocked` of contacts, `updated_at` of conversations, and inboxes in brief inside contacts. 3.13.0 has none of
   * that and 4.2.0 has it; which release between brought each was not looked into.
   */
  fullRecords: boolean;
}

const numbersOf = (version: string): number[] => version.split('.').map((part) => Number.parseInt(part, 10) || 0);

/** Whether a release is `floor` or later. */
export function atLeast(version: string, floor: string): boolean {
  const have = numbersOf(version);
  const want = numbersOf(floor);
  for (let i = 0; i < 3; i++) {
    const difference = (have[i] ?? 0) - (want[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

/** The behaviour of one release, by its version such as `4.16.2`. */
export function featuresOf(version: string): Features {
  const since = (floor: string) => atLeast(version, floor);
  return {
    version,
    signedWebhooks: since('4.13.0'),
    deliveryId: since('4.12.0'),
    inboxNameFormat: since('2.7.0') && !since('4.3.0'),
    messageStatusUpdate: since('4.2.0'),
    typingWebhooks: since('4.2.0'),
    mergedAdditionalAttributes: since('4.2.0'),
    webhookRedirects: since('4.14.0'),
    privateWebhooks: since('4.14.1') ? 'configured' : since('4.14.0') ? 'refused' : 'allowed',
    accountInWebhook: since('4.14.2'),
    planGate: since('4.16.0'),
    statementTimeoutText: since('4.16.0'),
    health: since('4.11.0'),
    contactInboxFilter: since('3.2.0'),
    phoneFilterTakesPlus: since('4.7.0'),
    conversationsByActivity: since('4.0.2'),
    freeContentAttributes: since('4.9.0'),
    messageSourceIdLength: since('4.9.0') ? 20_000 : 255,
    assigneeTypeInWebhook: since('4.8.0'),
    attachmentContentType: since('4.13.0'),
    inlineAudio: since('4.13.0'),
    plainBreaksInWebhook: since('4.13.0'),
    floodGuard: since('3.9.0'),
    failureMarking: since('3.3.0'),
    ruby34: since('4.14.0'),
    fullRecords: since('4.0.0'),
  };
}
