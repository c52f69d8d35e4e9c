import type { WebSocket } from 'ws';
import {
  STREAM_HEARTBEAT_MS,
  STREAM_SUPERSEDED,
  type StreamClientFrame,
  type StreamServerFrame,
  streamClientFrameSchema,
} from '../../shared/contracts/stream.ts';
import type { EventSink } from './event-pump.ts';

/** Why the api ends a connection: the WebSocket close code, and its text. */
const CLOSINGS = {
  /** Going away: the peer shall connect again, to whoever takes our place. */
  shutdown: [1001, 'the server is shutting down'],
  superseded: [STREAM_SUPERSEDED, 'another bridge reads this stream now'],
  /** Try again later. */
  failed: [1013, 'the database is unavailable'],
  protocol: [1008, 'not a frame of this stream'],
} as const;
export type Closing = keyof typeof CLOSINGS;

export interface StreamConnection extends EventSink {
  sendHello(hello: Extract<StreamServerFrame, { type: 'hello' }>): void;
  close(why: Closing): void;
  terminate(): void;
}

/** One bridge on the stream of one instance, whose engine is of `instanceKind`: pings it, and drops it when it has been silent for two heartbeats. */
export function createStreamConnection(
  socket: WebSocket,
  instanceKind: string,
  on: { frame: (frame: StreamClientFrame) => void; gone: () => void },
): StreamConnection {
  let heardSince = true;

  const heartbeat = setInterval(() => {
    if (!heardSince) {
      socket.terminate();
      return;
    }
    heardSince = false;
    socket.ping();
  }, STREAM_HEARTBEAT_MS);
  const heard = (): void => {
    heardSince = true;
  };
  const close = (why: Closing): void => {
    const [code, reason] = CLOSINGS[why];
    socket.close(code, reason);
  };
  socket.on('ping', heard);
  socket.on('pong', heard);
  socket.on('message', (data) => {
    heard();
    const frame = readFrame(String(data));
    if (frame === undefined) close('protocol');
    else on.frame(frame);
  });
  // A broken connection is also closed; without a listener its error would end the process.
  socket.on('error', () => {});
  socket.once('close', () => {
    clearInterval(heartbeat);
    on.gone();
  });

  return {
    sendHello: (hello) => socket.send(JSON.stringify(hello)),
    // The content goes out as it was stored: to parse and write again what may be megabytes would gain nothing.
    sendEvent: ({ sequence, redelivered, isOutline, payload, engineKind }) =>
      socket.send(
        `{"type":"event","sequence":${sequence},"redelivered":${redelivered},${isOutline ? '"outline":true,' : ''}"engineKind":"${engineKind ?? instanceKind}","event":${payload}}`,
      ),
    bufferedBytes: () => socket.bufferedAmount,
    close,
    terminate: () => socket.terminate(),
  };
}

function readFrame(text: string): StreamClientFrame | undefined {
  try {
    return streamClientFrameSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
