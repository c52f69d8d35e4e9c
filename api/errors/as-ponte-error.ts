import { isDatabaseUnavailable } from '../../shared/database/database.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';

/** What an error means to a caller; undefined for one that is a defect of ours. */
export function asPonteError(error: unknown): PonteError | undefined {
  if (error instanceof PonteError) return error;
  return isDatabaseUnavailable(error) ? new PonteError('database_unavailable') : undefined;
}
