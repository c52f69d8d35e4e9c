import { type ErrorCode, errorCatalogue } from './catalogue.ts';

export interface FieldFault {
  readonly field: string;
  readonly reason: string;
}

/**
 * The one error of Ponte: a stable code, the values its message is made of, and what the catalogue says of that code
 * (HTTP status, whether another try can help). Nothing secret may be among `values`: the message is shown to the caller.
 */
export class PonteError extends Error {
  override readonly name = 'PonteError';
  readonly code: ErrorCode;
  readonly httpStatus: number;
  readonly retryable: boolean;
  /** After how many seconds another try makes sense, where that is known. */
  readonly retryAfterSeconds: number | undefined;
  /** Which fields of a body are at fault, each with the reason, where that is what is wrong. */
  readonly faults: readonly FieldFault[];

  constructor(
    code: ErrorCode,
    values: Readonly<Record<string, string | number>> = {},
    options: { retryAfterSeconds?: number; faults?: readonly FieldFault[] } = {},
  ) {
    const entry = errorCatalogue[code];
    super(entry.message.replace(/\{(\w+)\}/g, (_, key: string) => String(values[key] ?? '')));
    this.code = code;
    this.httpStatus = entry.httpStatus;
    this.retryable = entry.retryable;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.faults = options.faults ?? [];
  }
}
