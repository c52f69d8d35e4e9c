import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { expect, it, vi } from 'vitest';
import type { ApiRequest, ApiResponse } from '../../api/http/context.ts';
import { createDoor } from '../../api/http/door.ts';

/** A request as the door sees it: who asks, and what for. */
function ask(door: ReturnType<typeof createDoor>, token: string, letIn: () => void): ApiResponse['locals'] {
  const locals = {} as ApiResponse['locals'];
  void door({ headers: { token }, ip: '192.0.2.1' } as unknown as ApiRequest, { locals } as ApiResponse, letIn);
  return locals;
}
const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

it('of hundreds at the same moment it lets in two for each turn of the event loop, and who comes with one waits for a turn', async () => {
  const door = createDoor();
  const inside: string[] = [];
  const come = (token: string) => ask(door, token, () => inside.push(token));
  for (let index = 0; index < 300; index += 1) come('loud');
  come('one');
  expect(inside).toEqual(['loud', 'loud']);
  await nextTurn();
  expect(inside.slice(2)).toEqual(['loud', 'one']);
  come('two');
  await nextTurn();
  expect(inside.slice(4)).toEqual(['loud', 'two']);
  for (let turn = 0; turn < 148; turn += 1) await nextTurn();
  expect(inside).toHaveLength(302);
  // Nobody waits any more: who comes now is let in at once.
  await nextTurn();
  come('late');
  expect(inside.at(-1)).toBe('late');
});

it('is passed by one after the other at once, each in a turn of its own', async () => {
  const door = createDoor();
  const letIn = vi.fn();
  for (let count = 1; count <= 5; count += 1) {
    ask(door, 'one', letIn);
    expect(letIn).toHaveBeenCalledTimes(count);
    await nextTurn();
  }
});

it('counts the time at it: a request has arrived when it comes to the door, not when it is let in', async () => {
  const door = createDoor();
  const letIn = vi.fn();
  const all = Array.from({ length: 9 }, () => ask(door, 'loud', letIn));
  expect(all.every(({ receivedAtMs }) => receivedAtMs > 0)).toBe(true);
  await expect.poll(() => letIn.mock.calls.length).toBe(9);
});

it('keeps nobody out for one whose body does not come, and takes the body of one that waited', async () => {
  const app = express();
  app.use(createDoor() as express.RequestHandler, express.json(), (request, response) => void response.json(request.body));
  const server = createServer(app);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const headers = { token: 'loud', 'content-type': 'application/json' };
  const gone = new AbortController();
  const slow = Array.from({ length: 10 }, () =>
    fetch(url, { method: 'POST', headers, body: new ReadableStream(), duplex: 'half', signal: gone.signal } as RequestInit).catch(
      () => 'gone',
    ),
  );
  const answers = await Promise.all(
    Array.from({ length: 30 }, async (_, index) => {
      const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ index }) });
      return answer.json();
    }),
  );
  expect(answers).toEqual(Array.from({ length: 30 }, (_, index) => ({ index })));
  gone.abort();
  expect(await Promise.all(slow)).toEqual(Array.from({ length: 10 }, () => 'gone'));
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
