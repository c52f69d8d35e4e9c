import { cutTo } from '../../shared/text/cut.ts';

/** What Chatwoot shows below a message of which WhatsApp has said that it could not be delivered. */
const UNDELIVERED = 'WhatsApp could not deliver the message';
const LENGTH = 1_000;

/** The same with the engine's own reason, where it tells one. */
export const undelivered = (reason: string | undefined): string =>
  reason === undefined ? UNDELIVERED : cutTo(`${UNDELIVERED}: ${reason}`, LENGTH, '…');

/** Whether it was the relay that had a message shown as failed, because WhatsApp said so. */
export const isUndelivered = (shown: string): boolean => shown === UNDELIVERED || shown.startsWith(`${UNDELIVERED}: `);
