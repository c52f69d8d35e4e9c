import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { operations } from '../../api/openapi/document.ts';
import { generatedClients } from '../../clients/generated.ts';
import { projectRoot } from '../../shared/project-root.ts';

const COLLECTION = 'clients/postman/ponte.postman_collection.json';
const CLIENT = 'clients/typescript/ponte.ts';

const requestSchema = z.object({
  method: z.string(),
  url: z.object({ host: z.array(z.string()), path: z.array(z.string()) }),
  body: z.object({ raw: z.string().optional() }).nullish(),
  auth: z.null(),
});
const collectionSchema = z.object({
  item: z.array(z.object({ name: z.string(), item: z.array(z.object({ request: requestSchema })) })),
  variable: z.array(z.object({ key: z.string(), value: z.string() })),
  auth: z.object({ type: z.literal('apikey'), apikey: z.array(z.object({ key: z.string(), value: z.string() })) }),
});

describe('the generated clients', () => {
  let today: Record<string, string>;
  beforeAll(async () => {
    today = await generatedClients();
  });

  it.each([COLLECTION, CLIENT])('%s is what `npm run docs` makes of the OpenAPI document today', async (path) => {
    expect(await readFile(join(projectRoot, path), 'utf8')).toBe(today[path]);
  });

  it('have every operation: a function by its id, a request with its method, its path and its example', () => {
    const collection = collectionSchema.parse(JSON.parse(today[COLLECTION] ?? ''));
    const requests = collection.item.flatMap(({ name, item }) =>
      item.map(({ request: { method, url, body } }) => ({
        tag: name,
        call: `${method} ${url.host.join('.')}/${url.path.join('/')}`,
        body: body?.raw === undefined ? undefined : JSON.parse(body.raw),
      })),
    );
    const told = operations.map(({ tag, method, path, example }) => ({
      tag,
      call: `${method.toUpperCase()} {{baseUrl}}${path.replace(/\{(\w+)\}/g, ':$1')}`,
      body: example,
    }));
    const byCall = (one: { call: string }, other: { call: string }) => one.call.localeCompare(other.call);
    expect(requests.sort(byCall)).toEqual(told.sort(byCall));
    const functions = [...(today[CLIENT] ?? '').matchAll(/^export function (\w+)\(/gm)].map(([, name]) => name);
    expect(functions.sort()).toEqual(operations.map(({ id }) => id).sort());
  });

  it('leave to whoever uses them where Ponte is, who calls and about what, and hold no token of anybody', () => {
    const text = today[COLLECTION] ?? '';
    const { auth, variable } = collectionSchema.parse(JSON.parse(text));
    expect(Object.fromEntries(auth.apikey.map(({ key, value }) => [key, value]))).toEqual({
      key: 'token',
      value: '{{token}}',
      in: 'header',
    });
    const used = new Set([...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name));
    expect(variable.map(({ key }) => key).sort()).toEqual([...used].sort());
    expect(variable.filter(({ value }) => value !== '')).toEqual([{ key: 'baseUrl', value: 'http://localhost:3000' }]);
    for (const one of Object.values(today)) expect(one).not.toMatch(/pt[ai]_\w{40}|marker/);
  });
});
