import { z } from 'zod';
import type { ChatwootResponse } from './transport.ts';

/** An answer to a write that is known to come before Chatwoot has stored anything. */
interface FinalAnswer {
  readonly status: number;
  /** What `error` of the body says. Never a text that Chatwoot translates, such as "Validation failed". */
  readonly text?: RegExp;
  /** The body names the attributes at fault: Rails' own validation, in whatever language its message is. */
  readonly namesAttributes?: true;
  /** Why nothing can have been stored. */
  readonly because: string;
}

/**
 * All that counts as a refusal. Every other answer to a write leaves its outcome unknown: Chatwoot answers a 422 or a 500 for trouble of its
 * database, of Redis or of its disk, and the record may stand there all the same.
 */
export const FINAL_ANSWERS: readonly FinalAnswer[] = [
  ...[301, 302, 303, 307, 308].map((status) => ({ status, because: 'a redirect of the web server; none is followed' })),
  { status: 400, because: 'Rails could not read the request' },
  { status: 401, because: 'the token, the account, the membership and the rights are checked first' },
  { status: 402, because: 'the limit of the plan is checked before anything is made' },
  { status: 403, because: 'the plan of the account, or a web server in front' },
  { status: 404, because: 'the records that a request names are looked up first' },
  { status: 405, because: 'the web server does not pass the method on' },
  { status: 406, because: 'the web server does not pass the format on' },
  { status: 411, because: 'the web server does not pass it on without a length' },
  { status: 413, because: 'a web server in front takes nothing of that size' },
  { status: 414, because: 'a web server in front takes no such address' },
  { status: 415, because: 'the web server does not pass the type on' },
  { status: 429, because: 'rack-attack counts before Chatwoot is asked' },
  { status: 431, because: 'a web server in front takes no such headers' },
  { status: 422, namesAttributes: true, because: 'the record is not valid, so it was not saved' },
  { status: 422, text: /Too many messages/, because: 'the flood guard is a validation of the message' },
  {
    status: 422,
    text: /is too long \(maximum is \d+ characters\)/,
    because: 'the length of a text or of a source_id is validated before it is saved',
  },
  { status: 422, text: /^param is missing or the value is empty/, because: 'parameters are read before anything is made' },
  { status: 422, text: /^string contains null byte$/, because: 'the database driver refuses the text' },
  { status: 422, text: /is not a valid message_type$/, because: 'a message is built before it is saved' },
  { status: 422, text: /^Incoming messages are only allowed in Api inboxes$/, because: 'the inbox is checked first' },
  { status: 422, text: /^source_id should be unique$/, because: 'the address of a conversation is looked up first' },
];

const bodySchema = z.looseObject({ error: z.string().optional(), attributes: z.array(z.unknown()).optional() });

/** Whether an answer to a write proves that nothing was stored. */
export function isFinal({ status, json }: Pick<ChatwootResponse, 'status' | 'json'>): boolean {
  const { error = '', attributes } = bodySchema.safeParse(json).data ?? {};
  return FINAL_ANSWERS.some(
    (answer) =>
      answer.status === status &&
      (answer.text === undefined || answer.text.test(error)) &&
      (answer.namesAttributes === undefined || attributes !== undefined),
  );
}
