import { promisify } from 'node:util';
import { generateAst, parseSpec, printAst } from 'oazapfts';
import { createContext } from 'oazapfts/context';
import { convertV2 } from 'openapi-to-postmanv2';
import { z } from 'zod';
import { createOpenApiDocument } from '../api/openapi/document.ts';
import { version } from '../shared/version.ts';

/** Where `npm start` listens; whoever uses a client says where theirs does. */
const BASE_URL = 'http://localhost:3000';

/** What others call Ponte with, made of the OpenAPI document: every generated file by its path. */
export async function generatedClients(): Promise<Record<string, string>> {
  const document = { ...createOpenApiDocument({ baseUrl: BASE_URL, version }), servers: [{ url: BASE_URL }] };
  return {
    'clients/typescript/ponte.ts': await typescriptClient(document),
    'clients/postman/ponte.postman_collection.json': await postmanCollection(document),
  };
}

type Json = Readonly<Record<string, unknown>>;

/** One function per operation; its answers are told apart by their status. */
async function typescriptClient(document: Json): Promise<string> {
  // To the generator a document is a union of three libraries' types; it checks for itself what it is given.
  const spec = await parseSpec(structuredClone(document) as unknown as Parameters<typeof createContext>[0]);
  return printAst(await generateAst(createContext(spec, { futureStripLegacyMethods: true, useUnknown: true })));
}

const convert = promisify(convertV2);

/** One request per operation, filled in with its example. */
async function postmanCollection(document: Json): Promise<string> {
  const { plain, places } = forPostman(document);
  const converted = await convert(
    { type: 'json', data: plain },
    {
      folderStrategy: 'Tags',
      parametersResolution: 'Example',
      enableOptionalParameters: false,
      alwaysInheritAuthentication: true,
    },
  );
  const [output] = converted?.output ?? [];
  if (!output) throw new Error(`no Postman collection could be made: ${converted?.reason}`);
  const { variable, ...collection } = z.looseObject({ variable: z.array(z.unknown()) }).parse(output.data);
  const variables = ['token', ...places].map((key) => ({ key, value: '' }));
  return `${JSON.stringify({ ...collection, variable: [...variable, ...variables] }, sameEveryTime, 2).replaceAll('{{apiKey}}', '{{token}}')}\n`;
}

const documentSchema = z.looseObject({
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.looseObject({
        operationId: z.string(),
        requestBody: z
          .object({
            content: z.object({
              'application/json': z.looseObject({ example: z.looseObject({}, { error: 'a body without an example' }) }),
            }),
          })
          .optional(),
        security: z.array(z.unknown()),
        parameters: z.array(
          z.looseObject({
            in: z.string(),
            name: z.string(),
            schema: z.looseObject({ examples: z.array(z.unknown()).optional() }),
          }),
        ),
      }),
    ),
  ),
  components: z.looseObject({ securitySchemes: z.looseObject({ token: z.unknown() }) }),
});

/**
 * The document as the converter makes the best of it: the token in its header once for all, what stands in a path a variable, no example
 * left to chance, and no answers, of which a collection would hold one copy each. `places` are the names in the paths.
 */
function forPostman(document: Json) {
  const { paths, components, ...rest } = documentSchema.parse(document);
  const places = new Set<string>();
  const exampleOf = (parameter: { in: string; name: string; schema: { examples?: unknown[] | undefined } }): unknown => {
    if (parameter.in !== 'path') return parameter.schema.examples?.[0] ?? '';
    places.add(parameter.name);
    return `{{${parameter.name}}}`;
  };
  const requests = Object.entries(paths).map(([path, methods]) => [
    path,
    Object.fromEntries(
      Object.entries(methods).map(([method, { security: _, parameters, ...operation }]) => [
        method,
        {
          ...operation,
          parameters: parameters.map((parameter) => ({ ...parameter, example: exampleOf(parameter) })),
          responses: { 200: { description: 'As the reference says.' } },
        },
      ]),
    ),
  ]);
  const plain = {
    ...rest,
    paths: Object.fromEntries(requests),
    components: { securitySchemes: { token: components.securitySchemes.token } },
    security: [{ token: [] }],
  };
  return { plain, places };
}

/** Without the numbers that are new at every run, and without the answers that the converter makes up. */
function sameEveryTime(key: string, value: unknown): unknown {
  if (key === 'id' || key === '_postman_id') return undefined;
  return key === 'response' ? [] : value;
}
