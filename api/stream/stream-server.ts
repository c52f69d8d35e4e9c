import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { isDatabaseUnavailable, type PrismaClient } from '../../shared/database/database.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import type { Logger } from '../../shared/logging/logger.ts';
import type { Authenticator } from '../auth/authenticator.ts';
import { errorBody } from '../errors/error-body.ts';
import { pathOf } from '../http/request-log.ts';
import { createStreamConnection, type StreamConnection } from './connection.ts';
import type { Stream, StreamedInstance, Streams } from './streams.ts';

const PATH = /^\/ws\/chatwoot\/([\w-]{1,100})$/;
const MAX_FRAME_BYTES = 4_096;
const CLOSE_TIMEOUT_MS = 1_000;

export interface StreamServer {
  /** For the `upgrade` event of the HTTP server. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void>;
  /** How many bridges read now. */
  open(): number;
  /** Closes every connection with 1001, and cuts those that do not answer. */
  stop(): Promise<void>;
}

/**
 * `GET /ws/chatwoot/:instance`, the events of an instance for the bridge; `:instance` is its id. Authenticated by BRIDGE_TOKEN before the
 * upgrade. Without a bridge the path does not exist (404).
 */
export function createStreamServer(deps: {
  prisma: PrismaClient;
  authenticator: Authenticator;
  streams: Streams;
  enabled: boolean;
  logger: Logger;
}): StreamServer {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME_BYTES, clientTracking: false });
  const connections = new Set<StreamConnection>();
  let stopped = false;

  async function instanceOf(request: IncomingMessage): Promise<StreamedInstance> {
    const path = pathOf(request.url ?? '');
    const [, id] = PATH.exec(path) ?? [];
    if (!deps.enabled || id === undefined) throw new PonteError('route_not_found', { method: request.method ?? '', path });
    if (stopped) throw new PonteError('shutting_down');
    const caller = await deps.authenticator.identify(request.headers);
    if (caller.kind === 'anonymous') throw new PonteError('missing_token');
    if (caller.kind !== 'bridge') throw new PonteError('invalid_token');
    const instance = await deps.prisma.instance.findUnique({
      where: { id },
      select: { id: true, name: true, lastSequence: true, engineKind: true },
    });
    if (!instance) throw new PonteError('instance_not_found');
    return instance;
  }

  return {
    async upgrade(request, socket, head) {
      socket.on('error', () => socket.destroy());
      try {
        const instance = await instanceOf(request);
        const position = positionOf(request.url ?? '');
        sockets.handleUpgrade(request, socket, head, (webSocket) => {
          const connection = createStreamConnection(webSocket, instance.engineKind, {
            frame: (frame) => stream.onFrame(frame),
            gone: () => {
              connections.delete(connection);
              void stream.end();
            },
          });
          connections.add(connection);
          const stream: Stream = deps.streams.open(instance, position, connection);
        });
      } catch (error) {
        refuse(socket, asPonteError(error, deps.logger));
      }
    },

    open: () => connections.size,

    async stop() {
      stopped = true;
      for (const connection of connections) connection.close('shutdown');
      const deadline = Date.now() + CLOSE_TIMEOUT_MS;
      while (connections.size > 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
      for (const connection of connections) connection.terminate();
    },
  };
}

/** The position the bridge goes on after (0 where it names none), and whether it knows outlines. */
function positionOf(url: string): { after: number; outlines: boolean } {
  const query = new URLSearchParams(url.split('?', 2)[1]);
  const after = Number(query.get('after') ?? 0);
  return { after: Number.isSafeInteger(after) && after > 0 ? after : 0, outlines: query.has('outlines') };
}

function asPonteError(error: unknown, logger: Logger): PonteError {
  if (error instanceof PonteError) return error;
  if (isDatabaseUnavailable(error)) return new PonteError('database_unavailable');
  logger.error({ err: error }, 'unexpected error');
  return new PonteError('internal', { requestId: '-' });
}

/** Before the upgrade the connection still speaks HTTP. */
function refuse(socket: Duplex, error: PonteError): void {
  const body = JSON.stringify(errorBody(error));
  const head = [
    `HTTP/1.1 ${error.httpStatus} ${STATUS_CODES[error.httpStatus] ?? ''}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
