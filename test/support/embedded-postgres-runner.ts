// A process that does nothing but run an embedded PostgreSQL: for the tests of what happens when such a process is killed.
// Usage: node --import tsx test/support/embedded-postgres-runner.ts DATA_DIR PORT
import { pino } from 'pino';
import { createEmbeddedPostgres } from '../../embedded/postgres/embedded-postgres.ts';

const [dataDir = '', port = ''] = process.argv.slice(2);
const server = createEmbeddedPostgres({ dataDir, port: Number(port), log: pino() });
try {
  const { url, pid } = await server.start();
  console.log(JSON.stringify({ ready: true, url, pid }));
  process.once('SIGTERM', () => void server.stop());
} catch (error) {
  console.log(JSON.stringify({ failed: true, reason: error instanceof Error ? error.message : String(error) }));
  process.exitCode = 1;
}
