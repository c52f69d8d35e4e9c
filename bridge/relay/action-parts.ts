/**
 * What is done in WhatsApp to an agent's message that was sent, such as its deletion, is stored and sent as the parts of the message are,
 * under numbers from this one on: no message has so many parts.
 */
export const FIRST_ACTION_PART = 1_000;
