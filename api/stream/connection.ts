import type { WebSocket } from 'ws';
import { STREAM_HEARTBEAT_MS, type StreamServerFrame } from '../../shared/contracts/stream.ts';

/** Going away: the peer shall connect again, to whoever takes our place. */
const CLOSE_GOING_AWAY = 1001;

export interface StreamConnection {
  send(frame: StreamServerFrame): void;
  /** Tells the peer to go elsewhere. */
  close(): void;
}

/** One bridge on the stream of one instance: pings it, and drops it when it has been silent for two heartbeats. */
export function createStreamConnection(socket: WebSocket, onGone: () => void): StreamConnection {
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
  socket.on('pong', heard);
  socket.on('message', heard);
  // A broken connection is also closed; without a listener its error would end the process.
  socket.on('error', () => {});
  socket.once('close', () => {
    clearInterval(heartbeat);
    onGone();
  });

  return {
    send: (frame) => socket.send(JSON.stringify(frame)),
    close: () => socket.close(CLOSE_GOING_AWAY, 'the server is shutting down'),
  };
}
