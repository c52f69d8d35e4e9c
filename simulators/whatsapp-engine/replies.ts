/** An answer in the form of RyzeAPI's errors; thrown by routes, sent by the server. */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }

  get body(): { success: false; error: { message: string } } {
    return { success: false, error: { message: this.message } };
  }
}
