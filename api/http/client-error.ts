import type { Server } from 'node:http';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import { errorBody } from '../errors/error-body.ts';

const REASONS: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: 'the headers are too large',
  ERR_HTTP_REQUEST_TIMEOUT: 'it did not arrive in time',
};

/** Malformed HTTP never reaches Express: it is answered here, in the form of every other error, and its connection is closed. */
export function answerClientErrors(server: Server): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (!socket.writable || error.code === 'ECONNRESET') {
      socket.destroy();
      return;
    }
    const faults = REASONS[error.code ?? ''] ?? 'it is not HTTP';
    const body = JSON.stringify(errorBody(new PonteError('invalid_request', { faults })));
    const head = ['HTTP/1.1 400 Bad Request', 'Content-Type: application/json; charset=utf-8', 'Connection: close'];
    const answer = `${head.join('\r\n')}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
    // Whoever does not read it and does not close either would hold the connection, and what its request has taken.
    socket.end(answer, () => socket.destroy());
  });
}
