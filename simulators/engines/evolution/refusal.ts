const ERRORS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  500: 'Internal Server Error',
};

/** An answer in one of the forms of Evolution's errors; `message` is a text, a list, or lists in a list. */
export class EvolutionRefusal extends Error {
  readonly status: number;
  readonly body: unknown;

  constructor(status: number, message: unknown) {
    super(String(message));
    this.status = status;
    this.body = { status, error: ERRORS[status] ?? 'Error', response: { message } };
  }
}
