import { type Backoff, backoffMs, jittered } from '../../shared/backoff.ts';
import { STREAM_SUPERSEDED, type StreamServerFrame } from '../../shared/contracts/stream.ts';
import type { Logger } from '../../shared/logging/logger.ts';
import { openStreamSocket, type StreamAddress, type StreamSocket } from './stream-socket.ts';

export type StreamEvent = Extract<StreamServerFrame, { type: 'event' }>;

export interface StreamClient {
  start(): void;
  stop(): void;
  /** For how long there has been no connection on which the api has greeted us: 0 while there is one. */
  downMs(): number;
  /** Tells the api that Chatwoot has this event. Lost with the connection: the api then sends the event again. */
  ack(sequence: number): void;
}

/**
 * Keeps the event stream of one instance open: connects again after every end, after growing `pauses`. Nothing comes from before `after`, and nothing again that was acknowledged.
 */
export function createStreamClient(
  deps: StreamAddress & {
    token: string;
    heartbeatMs: number;
    pauses: Backoff;
    after: bigint;
    onEvent: (event: StreamEvent) => void;
    logger: Logger;
  },
): StreamClient {
  const { logger } = deps;
  let socket: StreamSocket | undefined;
  let timer: NodeJS.Timeout | undefined;
  let failures = 0;
  /** By a clock that nobody sets; undefined while the stream is open. */
  let downSinceMs: number | undefined = performance.now();
  let stopped = false;

  function reconnect(reason: string, code?: number): void {
    socket = undefined;
    const wasConnected = downSinceMs === undefined;
    downSinceMs ??= performance.now();
    if (stopped) return;
    // Whoever took our place has the lease, and we are about to learn that: to come back at once would only throw that one out.
    const pauseMs = code === STREAM_SUPERSEDED ? jittered(deps.pauses.maxMs) : backoffMs(deps.pauses, ++failures);
    if (wasConnected || failures === 1) logger.warn({ reason }, 'the event stream broke, connecting again');
    timer = setTimeout(connect, pauseMs);
  }

  function connect(): void {
    socket = openStreamSocket({ ...deps, onFrame, onEnd: reconnect });
  }

  function onFrame(frame: StreamServerFrame): void {
    if (frame.type === 'event') {
      deps.onEvent(frame);
      return;
    }
    downSinceMs = undefined;
    failures = 0;
    logger.info({ latest: frame.latest }, 'the event stream is open');
  }

  return {
    start: connect,
    stop() {
      stopped = true;
      downSinceMs ??= performance.now();
      clearTimeout(timer);
      socket?.close();
    },
    downMs: () => (downSinceMs === undefined ? 0 : Math.max(1, performance.now() - downSinceMs)),
    ack: (sequence) => socket?.send({ type: 'ack', sequence }),
  };
}
