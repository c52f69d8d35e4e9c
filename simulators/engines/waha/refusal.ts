/** An answer of WAHA that is an error; thrown by routes, sent by the server. */
export class Refusal extends Error {
  readonly status: number;
  readonly body: unknown;

  constructor(status: number, message: string, more: Record<string, unknown> = {}) {
    super(message);
    this.status = status;
    this.body = { ...more, statusCode: status, message };
  }
}

/** What breaks within WAHA, a missing field as well as a closed socket. It repeats the whole request. */
export class Breakdown extends Error {
  bodyFor(request: unknown): unknown {
    return {
      statusCode: 500,
      timestamp: new Date().toISOString(),
      exception: { message: this.message, name: 'Error', stack: 'Error: …' },
      request,
      version: { version: '2026.2.1', engine: 'NOWEB', tier: 'CORE' },
    };
  }
}
