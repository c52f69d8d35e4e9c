import { z } from 'zod';
import { addressFault, flag } from '../../shared/activations/request-fields.ts';
import { DEFAULT_ENGINE_KIND, engineKindSchema } from '../../shared/engines/registry.ts';
import { chosenTokenSchema, secretSchema } from '../auth/chosen-token.ts';
import { INSTANCE_NAME } from '../auth/guards.ts';

const text = (issue: { input?: unknown }) => (issue.input === undefined ? 'is required' : 'must be text');
/** The body of `POST /api/instance/new`. Unknown keys are ignored: RyzeAPI has many more. */
export const newInstanceBodySchema = z.object({
  name: z
    .string({ error: text })
    .regex(INSTANCE_NAME, 'must have 1 to 100 letters, digits, _ or -')
    .meta({ description: 'Unique within the account.', examples: ['suporte'] }),
  token: chosenTokenSchema
    .nullish()
    .meta({ description: 'The TokenInstance, random and of 32 characters or more. Left out, one is generated.' }),
  engineKind: engineKindSchema
    .nullish()
    .meta({ description: `What the WhatsApp API at engineUrl is. Default: ${DEFAULT_ENGINE_KIND}.` }),
  engineUrl: z
    .url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' })
    .max(2_048, 'must have at most 2048 characters')
    .transform((text, context) => {
      const fault = addressFault(new URL(text));
      if (fault === undefined) return text.replace(/\/+$/, '');
      context.addIssue({ code: 'custom', message: fault });
      return z.NEVER;
    })
    .nullish()
    .meta({ description: 'The WhatsApp API this instance is paired in. Default: what the operator has set.' }),
  engineToken: secretSchema.min(1, 'must not be empty').nullish().meta({ description: 'Token for engineUrl. Stored encrypted.' }),
  chatwootEnabled: flag.meta({
    description:
      'Whether to activate Chatwoot at once, with the other `chatwoot*` keys; those are read only then. Default: false.',
  }),
});
export type NewInstanceBody = z.infer<typeof newInstanceBodySchema>;
