/** An answer of GOWA that is an error; thrown by routes, sent by the server. */
export class Refusal extends Error {
  readonly status: number;
  readonly body: unknown;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.body = { status, code, message, results: null };
  }
}
