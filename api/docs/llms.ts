import { ACTIVATION_TIMEOUT_MS } from '../../shared/config/variables.ts';
import { operations } from '../openapi/document.ts';

const TOKENS = {
  customer: 'TokenAccount or TokenInstance',
  account: 'TokenAccount',
  engine: 'TokenInstance',
  anybody: 'none',
} as const;

/** `/llms.txt`: the api in a page of text, for a reader that is a program. */
export function llmsText(baseUrl: string): string {
  const endpoints = operations.map(
    ({ method, path, summary, description, caller }) =>
      `- \`${method.toUpperCase()} ${path}\` (token: ${TOKENS[caller]}): ${summary}. ${description}`,
  );
  return `# Ponte

> Activates a Chatwoot integration for a WhatsApp API instance and keeps it running. One POST gives a working inbox in Chatwoot, or a clear reason and the next step.

Base address: ${baseUrl}
Authentication: header \`token: <token>\` or \`Authorization: Bearer <token>\`.
Errors: \`{"success":false,"error":{"message","code"}}\`; \`code\` is stable, \`message\` says what to do. 429, 502, 503 and 504 can be tried again.

- [OpenAPI 3.1](${baseUrl}/openapi.json): every endpoint, body, answer and error code
- [Reference](${baseUrl}/docs): the same for people

## From nothing to a working inbox

1. \`POST /api/instance/new\` with the TokenAccount and \`{"name":"suporte"}\`; keep \`instance.token\` from the answer.
2. \`POST /api/chatwoot/set/suporte\` with \`{"chatwootBaseUrl":"https://chatwoot.example.com","chatwootAccountId":5,"chatwootApiToken":"..."}\`, the token of an administrator. 201 means the inbox works; it can take up to ${ACTIVATION_TIMEOUT_MS / 1_000} s. Send an \`Idempotency-Key\` to repeat the request safely.
3. After a timeout (504) look at \`GET /api/chatwoot/activations/suporte\` before trying again.
4. Have the WhatsApp engine deliver its events to \`POST /api/events/ingest/suporte\` with the token of the instance.

## Endpoints

${endpoints.join('\n')}
`;
}
