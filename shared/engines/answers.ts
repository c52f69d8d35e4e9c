import type { Buffer } from 'node:buffer';
import type { FileOutcome, SendOutcome } from './engine.ts';

/** What the sender of a message is answered, whichever engine sent it: the form of the public API. */
export const sentAs = (whatsappId: string): SendOutcome => ({
  kind: 'sent',
  answer: { success: true, data: { messageId: whatsappId } },
});

/** What is answered to the question for the file of a message. `mimeType` as the engine told it; empty where it did not. */
export const fileAs = (bytes: Buffer, mimeType: string): FileOutcome => ({
  kind: 'file',
  answer: JSON.stringify({
    success: true,
    mime_type: mimeType,
    media_type: mimeType.split('/', 1)[0] ?? '',
    base64: bytes.toString('base64'),
  }),
});
