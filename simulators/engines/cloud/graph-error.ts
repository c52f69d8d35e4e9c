import { randomBytes } from 'node:crypto';

/** An error as the Graph API answers it; thrown by routes, sent by the server. */
export class GraphError extends Error {
  readonly status: number;
  readonly code: number;
  readonly details: string | undefined;
  readonly subcode: number | undefined;

  constructor(code: number, message: string, options: { status?: number; details?: string; subcode?: number } = {}) {
    super(message);
    this.code = code;
    this.status = options.status ?? 400;
    this.details = options.details;
    this.subcode = options.subcode;
  }

  get body(): unknown {
    return {
      error: {
        message: `(#${this.code}) ${this.message}`,
        type: 'OAuthException',
        code: this.code,
        ...(this.subcode === undefined ? {} : { error_subcode: this.subcode }),
        ...(this.details === undefined ? {} : { error_data: { messaging_product: 'whatsapp', details: this.details } }),
        fbtrace_id: randomBytes(8).toString('base64url'),
      },
    };
  }
}

export const badToken = (): GraphError => new GraphError(190, 'Invalid OAuth access token', { status: 401 });
export const noSuchObject = (id: string): GraphError =>
  new GraphError(100, `Unsupported request. Object with ID '${id}' does not exist or cannot be loaded`, { subcode: 33 });

/** What became of a message afterwards: most refusals come only as a status. */
export const failures = {
  window: {
    code: 131047,
    title: 'Re-engagement message',
    message: 'Re-engagement message',
    error_data: { details: 'More than 24 hours have passed since the customer last replied to this number.' },
  },
  unknown: {
    code: 131026,
    title: 'Message undeliverable',
    message: 'Message undeliverable',
    error_data: { details: 'Message Undeliverable.' },
  },
  file: {
    code: 131053,
    title: 'Media upload error',
    message: 'Media upload error',
    error_data: { details: 'The file could not be downloaded from its link.' },
  },
} as const;
export type Failure = keyof typeof failures;
