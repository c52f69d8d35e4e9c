import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createPostgresBackend, Queue, QueueEvents, Worker, withBackend } from 'bullmq';

/**
 * The least that can be called this pipeline: HTTP in, a job, a worker that does nothing, the completion, HTTP out. No rows, no
 * encryption, no bridge, no Chatwoot. It is what Ponte is held against in the same run.
 */
export async function startBarePipeline(url: string): Promise<{ url: string; stop(): Promise<void> }> {
  const isRedis = url.startsWith('redis');
  const classes = isRedis ? { Queue, QueueEvents, Worker } : withBackend(createPostgresBackend);
  const connection = isRedis ? { url } : { connectionString: url, schema: 'ponte_bench', migrate: true };
  const queue = new classes.Queue('bare', { connection: connection as never });
  await queue.waitUntilReady();
  const events = new classes.QueueEvents('bare', { connection: connection as never });
  await events.waitUntilReady();
  const worker = new classes.Worker('bare', async () => ({ done: true }), { connection: connection as never, concurrency: 20 });
  await worker.waitUntilReady();
  queue.setMaxListeners(0);

  const server = createServer((_request, response) => {
    void queue
      .add('bare', { id: 1 }, { removeOnComplete: { age: 60, count: 5_000 } })
      // Events get lost on PostgreSQL, so the wait is short and the job itself is asked then.
      .then((job) => job.waitUntilFinished(events as never, 2_000).catch(() => job.isCompleted()))
      .then(() => response.end('{}'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.closeAllConnections();
      server.close();
      await worker.close();
      await events.close();
      await queue.close();
    },
  };
}
