/** What a given Chatwoot release does differently, as far as a bridge can notice. */
export interface Features {
  version: string;
  /** Webhook signature and timestamp, and `secret` in the inbox: since 4.13.0. */
  signedWebhooks: boolean;
  /** `X-Chatwoot-Delivery`: since 4.11.2. */
  deliveryId: boolean;
  /** The strict name format of inboxes: 2.7.0 up to 4.2.x. */
  inboxNameFormat: boolean;
  /** Status updates of messages over the API: since 4.2.0. */
  messageStatusUpdate: boolean;
  /** Webhooks follow redirects: since 4.14.0, with the fetcher that also refuses private addresses. */
  webhookRedirects: boolean;
  /** `account` inside the conversation of a webhook: since 4.14.2. */
  accountInWebhook: boolean;
  /** The plan gate (403), translated membership text, and the inbox limit after role and validation: since 4.16.0. */
  planGate: boolean;
  /** `GET /health`, and `has_more` in a contact search over all contacts: since 4.11.0. */
  health: boolean;
  /** `POST contact_inboxes/filter`: since 3.2.0. */
  contactInboxFilter: boolean;
  /** `assignee_type` in webhooks: since 4.8.0. */
  assigneeTypeInWebhook: boolean;
  /** `content_type` of attachments: since 4.13.0. */
  attachmentContentType: boolean;
  /** The flood guard of 200 messages a minute: since 3.9.0. */
  floodGuard: boolean;
  /** A failed webhook marks its message as failed: since 3.3.0. */
  failureMarking: boolean;
}

const numbersOf = (version: string): number[] => version.split('.').map((part) => Number.parseInt(part, 10) || 0);

function atLeast(version: string, floor: string): boolean {
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
    deliveryId: since('4.11.2'),
    inboxNameFormat: since('2.7.0') && !since('4.3.0'),
    messageStatusUpdate: since('4.2.0'),
    webhookRedirects: since('4.14.0'),
    accountInWebhook: since('4.14.2'),
    planGate: since('4.16.0'),
    health: since('4.11.0'),
    contactInboxFilter: since('3.2.0'),
    assigneeTypeInWebhook: since('4.8.0'),
    attachmentContentType: since('4.13.0'),
    floodGuard: since('3.9.0'),
    failureMarking: since('3.3.0'),
  };
}
