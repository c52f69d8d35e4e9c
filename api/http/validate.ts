import type { z } from 'zod';
import { PonteError } from '../../shared/errors/ponte-error.ts';

const FAULTS_SHOWN = 20;

/**
 * Parses a body. Throws PonteError `invalid_body` that names every field at fault as `<field>: <reason>`; values are never repeated,
 * they may be secrets.
 */
export function parseBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => ({
    field: issue.path.map(String).join('.') || 'body',
    reason: issue.path.length === 0 && issue.code === 'invalid_type' ? 'must be a JSON object' : issue.message,
  }));
  const told = new Set(faults.map(({ field, reason }) => `${field}: ${reason}`));
  throw new PonteError('invalid_body', { faults: [...told].slice(0, FAULTS_SHOWN).join('; ') }, { faults });
}
