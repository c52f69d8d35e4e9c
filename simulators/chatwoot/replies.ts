import type { Response } from 'express';

/**
 * Chatwoot's refusals, byte for byte. Handlers throw them; the server renders them. Everything else that is thrown becomes the bare 500 that
 * Rails answers on its API routes.
 */
export class Refusal extends Error {
  readonly status: number;
  readonly body: unknown;

  constructor(status: number, body: unknown, message = 'refused') {
    super(message);
    this.status = status;
    this.body = body;
  }
}

/** A failed model validation: `{message, attributes}`, or `Validation failed: …` where a controller rescues every error. */
export class ValidationFailure extends Refusal {
  constructor(failures: readonly { attribute: string; message: string }[]) {
    const text = failures.map((failure) => failure.message).join(', ');
    const attributes = [...new Set(failures.map((failure) => failure.attribute))];
    super(422, { message: text, attributes }, `Validation failed: ${text}`);
  }
}

/** An answer with a status only; it says it is JSON all the same. */
export function empty(res: Response, status: 200 | 404): void {
  res.status(status).setHeader('content-type', 'application/json').end();
}

/** What Rails itself answers, and not Chatwoot: only there the charset is in capitals. */
export const RAILS_JSON = 'application/json; charset=UTF-8';

export function railsError(res: Response, status: number, error: string): void {
  res.status(status).setHeader('content-type', RAILS_JSON).end(JSON.stringify({ status, error }));
}

export const notFound = () => new Refusal(404, { error: 'Resource could not be found' });
export const unauthorized = (text: string) => new Refusal(401, { error: text });
export const notPermitted = () => unauthorized('You are not authorized to do this action');
export const unprocessable = (text: string) => new Refusal(422, { error: text }, text);
export const accountLimitExceeded = () => new Refusal(402, { error: 'Account limit exceeded. Upgrade to a higher plan' });
/** An exception nobody rescues, such as a value an enum does not know: Chatwoot's API answers such input with a 500. */
export const crash = () => new Refusal(500, { status: 500, error: 'Internal Server Error' }, 'Internal Server Error');
