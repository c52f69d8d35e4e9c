// Answers every activation, at once or after `ANSWER_AFTER_MS`: what is measured is everything in front of the bridge.
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';

const answerAfterMs = Number(process.env.ANSWER_AFTER_MS ?? 0);

createServer((request, response) => {
  const answer = (): void => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ id: `int_${randomUUID()}`, status: 'active', inbox_id: 1, inbox_name: 'Ponte' }));
  };
  request.resume().once('end', () => (answerAfterMs > 0 ? setTimeout(answer, answerAfterMs) : answer()));
}).listen(Number(process.env.BRIDGE_PORT), '127.0.0.1');
