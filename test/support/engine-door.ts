import { once } from 'node:events';
import { createServer } from 'node:http';
import { parseDelivery } from '../../api/events/read-delivery.ts';
import type { Delivery } from '../../shared/engines/engine.ts';

/** What an engine delivers to, in place of the api's door: keeps everything that it takes, as it came. */
export async function createDoor(name: string) {
  const deliveries: Delivery[] = [];
  let status = 200;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', async () => {
      if (status !== 200) {
        response.writeHead(status).end();
        return;
      }
      const headers = Object.fromEntries(Object.entries(request.headers).map(([key, value]) => [key, value?.toString()]));
      const rawBody = Buffer.concat(chunks);
      deliveries.push({ ...(await parseDelivery({ rawBody, headers })), rawBody, headers, name });
      response.writeHead(status).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the door has no port');
  return {
    url: `http://127.0.0.1:${address.port}/api/events/engine/key`,
    deliveries,
    answerWith(code: number): void {
      status = code;
    },
    stop(): void {
      server.closeAllConnections();
      server.close();
    },
  };
}
export type Door = Awaited<ReturnType<typeof createDoor>>;
