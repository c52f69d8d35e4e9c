import { z } from 'zod';
import { addressFault } from '../../shared/activations/request-fields.ts';
import { DEFAULT_ENGINE_KIND, engineKindSchema } from '../../shared/engines/registry.ts';
import { secretSchema } from '../auth/chosen-token.ts';

export const engineUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' })
  .max(2_048, 'must have at most 2048 characters')
  .transform((text, context) => {
    const fault = addressFault(new URL(text));
    if (fault === undefined) return text.replace(/\/+$/, '');
    context.addIssue({ code: 'custom', message: fault });
    return z.NEVER;
  });

export const engineToken = secretSchema.min(1, 'must not be empty');

/** The `engine` of `POST /api/instance/new`, `PATCH /api/instance/:instance` and `POST /api/instance/check`. */
export const engineBodySchema = z.object(
  {
    kind: engineKindSchema
      .nullish()
      .meta({ description: `Which WhatsApp API it is. Default: ${DEFAULT_ENGINE_KIND}, or as it was.` }),
    url: engineUrl.nullish().meta({ description: 'Its address. Not needed where there is only one in the world.' }),
    token: engineToken.nullish().meta({ description: 'What opens it. Stored encrypted.' }),
    name: z
      .string({ error: 'must be text' })
      .trim()
      .min(1, 'must not be empty')
      .max(200, 'must have at most 200 characters')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
      .regex(/^[^\u0000-\u001f\u007f-\u009f\p{Surrogate}]*$/u, 'must not contain control characters')
      .nullish()
      .meta({ description: 'What the instance is called there. Default: the same name.' }),
    secret: engineToken.nullish().meta({ description: 'Its second secret, where it has one. Stored encrypted.' }),
  },
  { error: 'must be an object' },
);
export type EngineBody = z.infer<typeof engineBodySchema>;
