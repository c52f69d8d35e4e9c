import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { waitFor } from './wait-for.ts';

export interface ReceivedHook {
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of every shape
  readonly body: any;
}

export interface HookReceiver {
  readonly url: string;
  readonly received: ReceivedHook[];
  /** Until so many have come. */
  until(count: number): Promise<ReceivedHook[]>;
  stop(): Promise<void>;
}

/** Somebody's webhook on loopback; `answer` decides how kind it is: 204 unless told. */
export async function startHookReceiver(
  answer: (response: http.ServerResponse, received: readonly ReceivedHook[]) => void = (response) =>
    void response.writeHead(204).end(),
): Promise<HookReceiver> {
  const received: ReceivedHook[] = [];
  const server = http.createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    received.push({ headers: request.headers, text, body: JSON.parse(text) });
    answer(response, received);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    async until(count) {
      await waitFor(() => received.length >= count, { describe: `${count} deliveries, of which ${received.length} came` });
      return received;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
