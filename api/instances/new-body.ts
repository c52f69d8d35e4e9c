import { z } from 'zod';
import { flag } from '../../shared/activations/request-fields.ts';
import { DEFAULT_ENGINE_KIND, engineKindSchema } from '../../shared/engines/registry.ts';
import { chosenTokenSchema } from '../auth/chosen-token.ts';
import { INSTANCE_NAME } from '../auth/guards.ts';
import { engineBodySchema, engineToken, engineUrl } from './engine-body.ts';

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
  engineUrl: engineUrl
    .nullish()
    .meta({ description: 'The WhatsApp API this instance is paired in. Default: what the operator has set.' }),
  engineToken: engineToken.nullish().meta({ description: 'Token for engineUrl. Stored encrypted.' }),
  engine: engineBodySchema.nullish().meta({
    description:
      'The WhatsApp API this instance is paired in, whichever it is. Says more than engineKind, engineUrl and engineToken.',
  }),
  chatwootEnabled: flag.meta({
    description:
      'Whether to activate Chatwoot at once, with the other `chatwoot*` keys; those are read only then. Default: false.',
  }),
});
export type NewInstanceBody = z.infer<typeof newInstanceBodySchema>;
