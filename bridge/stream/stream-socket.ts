import { WebSocket } from 'ws';
import {
  type StreamClientFrame,
  type StreamServerFrame,
  streamPath,
  streamServerFrameSchema,
} from '../../shared/contracts/stream.ts';

/** Where the events of an instance are had. */
export interface StreamAddress {
  /** Where the bridge reaches the api. */
  readonly ryzeapiUrl: string;
  readonly instanceId: string;
}

export interface StreamSocket {
  send(frame: StreamClientFrame): void;
  /** Ends the connection; nothing is called back after this. */
  close(): void;
}

export interface StreamSocketEvents {
  onFrame(frame: StreamServerFrame): void;
  /**
   * Once, when the connection has ended or did not come about; `reason` is for people and holds no secret, `code` is that of an orderly
   * end.
   */
  onEnd(reason: string, code?: number): void;
}

const CONNECT_TIMEOUT_MS = 5_000;
/** The largest event: media travel in it as base64. */
const MAX_FRAME_BYTES = 128 * 1_048_576;

/** The address of a stream, as it also stands in error texts. */
export function streamUrl({ ryzeapiUrl, instanceId }: StreamAddress): string {
  return `${ryzeapiUrl.replace(/^http/, 'ws').replace(/\/+$/, '')}${streamPath(instanceId)}`;
}

/**
 * One connection to the api's event stream, from connecting to its end. Pings every `heartbeatMs` and ends a connection that has been
 * silent for twice as long. A frame that is none of the contract ends it too: what follows could not be trusted.
 */
export function openStreamSocket(
  options: StreamAddress & { token: string; after: bigint; heartbeatMs: number } & StreamSocketEvents,
): StreamSocket {
  const socket = new WebSocket(`${streamUrl(options)}?after=${options.after}&outlines`, {
    headers: { authorization: `Bearer ${options.token}` },
    handshakeTimeout: CONNECT_TIMEOUT_MS,
    maxPayload: MAX_FRAME_BYTES,
    perMessageDeflate: false,
    followRedirects: false,
  });
  let ended = false;
  let lastSeenMs = performance.now();
  const heartbeat = setInterval(() => {
    if (performance.now() - lastSeenMs > 2 * options.heartbeatMs) end('the api has gone silent');
    else if (socket.readyState === WebSocket.OPEN) socket.ping();
  }, options.heartbeatMs);

  function shut(): boolean {
    if (ended) return false;
    ended = true;
    clearInterval(heartbeat);
    socket.terminate();
    return true;
  }
  function end(reason: string, code?: number): void {
    if (shut()) options.onEnd(reason, code);
  }
  const seen = () => {
    lastSeenMs = performance.now();
  };

  socket.on('open', seen);
  socket.on('ping', seen);
  socket.on('pong', seen);
  socket.on('message', (data, isBinary) => {
    seen();
    if (ended) return;
    const frame = isBinary ? undefined : readFrame(String(data));
    if (frame === undefined) end('the api sent a frame that is none of the stream');
    else options.onFrame(frame);
  });
  // The body of such an answer is not read; aborting the request is ours once we listen to this.
  socket.on('unexpected-response', (request, response) => {
    request.destroy();
    end(`HTTP ${response.statusCode}`);
  });
  socket.on('error', (error) => end(reasonOf(error)));
  socket.on('close', (code) => end(`closed by the api (${code})`, code));

  return {
    send(frame) {
      if (!ended && socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
    },
    close() {
      shut();
    },
  };
}

function readFrame(text: string): StreamServerFrame | undefined {
  try {
    return streamServerFrameSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** A refused connection to a name with several addresses says so only in the errors of each. */
function reasonOf(error: Error): string {
  if (error.message !== '') return error.message;
  const reasons = error instanceof AggregateError ? error.errors.map((part) => (part instanceof Error ? part.message : '')) : [];
  return reasons.filter((reason) => reason !== '').join('; ') || 'no connection';
}
