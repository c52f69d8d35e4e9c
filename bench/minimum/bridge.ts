// Answers every activation at once: what is measured is everything in front of the bridge.
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';

createServer((request, response) => {
  request.resume().once('end', () => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ id: `int_${randomUUID()}`, status: 'active', inbox_id: 1, inbox_name: 'Ponte' }));
  });
}).listen(Number(process.env.BRIDGE_PORT), '127.0.0.1');
