/** What Chatwoot shows below a message of which WhatsApp has said that it could not be delivered. */
export const UNDELIVERED_REASON = 'WhatsApp could not deliver the message';
