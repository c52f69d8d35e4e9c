import { z } from 'zod';
import type { OutgoingAction } from '../action.ts';
import { LONGEST_TEXT, number } from './message-request.ts';

const common = {
  number,
  /** Id in WhatsApp of the message. */
  messageId: z
    .string({ error: (issue) => (issue.input === undefined ? 'is required' : 'must be text') })
    .regex(/^[\w.:@-]{1,200}$/, 'must be the id of a message'),
  /** Who wrote it, in a group and where it was not sent from this phone. */
  author: number.optional(),
};

/** `POST /api/message/action/:instance`: what is done to a message that is in WhatsApp already. */
export const actionSchema = z.discriminatedUnion(
  'kind',
  [
    z.object({ kind: z.literal('revoke'), ...common }),
    z.object({
      kind: z.literal('edit'),
      ...common,
      text: z
        .string({ error: 'must be text' })
        .min(1, 'must not be empty')
        .max(LONGEST_TEXT, `must have at most ${LONGEST_TEXT} characters`),
    }),
    z.object({
      kind: z.literal('reaction'),
      ...common,
      /** Empty to take it back. */
      emoji: z.string({ error: 'must be text' }).max(50, 'must be one emoji'),
      /** Whether the message was sent from this phone. */
      isOurs: z.boolean({ error: 'must be true or false' }).default(false),
    }),
  ],
  { error: 'kind must be revoke, edit or reaction' },
);

/** As the schema, and read into what engines are asked for. */
export const outgoingActionSchema = actionSchema.transform(
  ({ number: recipient, ...action }): OutgoingAction =>
    action.kind === 'reaction' ? { ...action, recipient } : { ...action, recipient, isOurs: true },
);

/** The body that asks the api for it. */
export const actionRequestOf = ({ recipient: number, ...action }: OutgoingAction): Record<string, unknown> => ({
  ...action,
  number,
});

/** The answer to the question for the picture of a person or group; null where it has none. */
export const avatarAnswerSchema = z.looseObject({ url: z.string().nullish() });
