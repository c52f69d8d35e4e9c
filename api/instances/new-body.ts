import { z } from 'zod';
import { INSTANCE_NAME } from '../auth/guards.ts';
import { flag } from '../chatwoot/fields.ts';

const text = (issue: { input?: unknown }) => (issue.input === undefined ? 'is required' : 'must be text');
const secret = z
  .string({ error: 'must be text' })
  .trim()
  .max(512, 'must have at most 512 characters')
  .regex(/^[\x21-\x7e]*$/, 'must not contain spaces, control characters or letters outside ASCII');

/** The body of `POST /api/instance/new`. Unknown keys are ignored: RyzeAPI has many more. */
export const newInstanceBodySchema = z.object({
  name: z.string({ error: text }).regex(INSTANCE_NAME, 'must have 1 to 100 letters, digits, _ or -'),
  /** The TokenInstance; left out, it is generated. */
  token: secret.min(16, 'must have at least 16 characters').nullish(),
  /** The WhatsApp API this instance is paired in; left out, it is ENGINE_URL. */
  engineUrl: z
    .url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' })
    .max(2_048, 'must have at most 2048 characters')
    .transform((url) => url.replace(/\/+$/, ''))
    .nullish(),
  engineToken: secret.min(1, 'must not be empty').nullish(),
  /** Whether to activate Chatwoot at once, with the other `chatwoot*` keys; those are read only then. */
  chatwootEnabled: flag,
});
export type NewInstanceBody = z.infer<typeof newInstanceBodySchema>;
