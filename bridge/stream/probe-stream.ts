import { openStreamSocket, type StreamAddress, type StreamSocket } from './stream-socket.ts';

export type StreamProbe =
  /** `latest` is the sequence of the last event the api has. */
  { readonly ok: true; readonly latest: number } | { readonly ok: false; readonly reason: string };

/**
 * Whether the event stream of an instance can be had: connects, waits for the greeting, disconnects. Asks for nothing but events of the
 * far future, so that none is sent. Never rejects.
 */
export function probeStream(
  options: StreamAddress & { token: string; heartbeatMs: number; timeoutMs: number; signal?: AbortSignal | undefined },
): Promise<StreamProbe> {
  return new Promise((resolve) => {
    let socket: StreamSocket | undefined;
    const settle = (probe: StreamProbe): void => {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', give);
      socket?.close();
      resolve(probe);
    };
    const give = () => settle({ ok: false, reason: 'given up' });
    const timer = setTimeout(
      () => settle({ ok: false, reason: `no greeting within ${options.timeoutMs} ms` }),
      options.timeoutMs,
    );
    options.signal?.addEventListener('abort', give, { once: true });
    socket = openStreamSocket({
      ...options,
      after: BigInt(Number.MAX_SAFE_INTEGER),
      onFrame: (frame) => {
        if (frame.type === 'hello') settle({ ok: true, latest: frame.latest });
      },
      onEnd: (reason) => settle({ ok: false, reason }),
    });
    if (options.signal?.aborted) give();
  });
}
