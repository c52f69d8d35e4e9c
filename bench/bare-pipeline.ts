import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createPostgresBackend, Queue, QueueEvents, Worker, withBackend } from 'bullmq';

interface Classes {
  readonly Queue: typeof Queue;
  readonly QueueEvents: typeof QueueEvents;
  readonly Worker: typeof Worker;
}

/**
 * The least that can be called this pipeline: HTTP in, a job, a worker that does nothing, the completion, HTTP out. No rows, no
 * encryption, no bridge, no Chatwoot. It is what Ponte is held against in the same run.
 */
export async function startBarePipeline(url: string): Promise<{ url: string; stop(): Promise<void> }> {
  const isRedis = url.startsWith('redis');
  // The classes of the two backends differ in the type of the connection only.
  const classes = (isRedis ? { Queue, QueueEvents, Worker } : withBackend(createPostgresBackend)) as unknown as Classes;
  const connection = isRedis ? { url } : { connectionString: url, schema: 'ponte_bench', migrate: true };
  const queue = new classes.Queue('bare', { connection });
  await queue.waitUntilReady();
  const events = new classes.QueueEvents('bare', { connection });
  await events.waitUntilReady();
  const worker = new classes.Worker('bare', async () => ({ done: true }), { connection, concurrency: 20 });
  await worker.waitUntilReady();
  queue.setMaxListeners(0);

  const server = createServer((_request, response) => {
    void queue
      .add('bare', { id: 1 }, { removeOnComplete: { age: 60, count: 5_000 } })
      // Events get lost on PostgreSQL, so the wait is short and the job itself is asked then.
      .then((job) => job.waitUntilFinished(events, 2_000).catch(() => job.isCompleted()))
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
