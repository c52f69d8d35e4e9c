import { createAskBridge } from '../admin/bridge-questions.ts';
import { createCookies } from '../admin/console/cookies.ts';
import type { InstancePagesDeps } from '../admin/console/instance/pages.tsx';
import { createInstanceReader } from '../admin/console/instances/read.ts';
import { createLanguageChoice } from '../admin/console/language.ts';
import type { ConsoleDeps } from '../admin/console/routes.tsx';
import type { UseCases } from '../admin/console/use-cases.ts';
import { createDeadLetterClient } from '../admin/dead-letters/client.ts';
import type { BridgeClient } from '../shared/bridge-client/client.ts';
import type { ApiConfig } from '../shared/config/config.ts';
import { PonteError } from '../shared/errors/ponte-error.ts';
import { createAccount, newAccountBodySchema } from './accounts/create-account.ts';
import type { Activations } from './activation/start-activation.ts';
import type { Authenticator } from './auth/authenticator.ts';
import { revokeToken } from './auth/renewal.ts';
import { renewAccountToken, renewInstanceToken } from './auth/token-endpoints.ts';
import type { Check } from './chatwoot/check.ts';
import type { Deactivate } from './chatwoot/delete.ts';
import type { LookAtIntegration } from './chatwoot/list.ts';
import { parseSetBody } from './chatwoot/set-body.ts';
import { parseBody } from './http/validate.ts';
import { changeEngine } from './instances/change-engine.ts';
import type { EngineQuestions } from './instances/check-engine.ts';
import { createInstance } from './instances/create-instance.ts';
import type { RemoveInstance } from './instances/delete.ts';
import { newInstanceBodySchema } from './instances/new-body.ts';
import { patchBodySchema } from './instances/patch.ts';
import type { Resources } from './resources.ts';
import type { WebhookCommands } from './webhooks/commands.ts';
import { createWebhookUseCases } from './webhooks/console.ts';

/** What the pages of account holders and of operators stand on. */
export type Pages = InstancePagesDeps & Pick<ConsoleDeps, 'cookies' | 'language'>;

/** Hands the use cases of the REST api to the pages, so that what is done there is done by the same code. */
export function createPages(deps: {
  config: ApiConfig;
  resources: Resources;
  authenticator: Authenticator;
  activations: Activations;
  useCases: { check: Check; look: LookAtIntegration; deactivate: Deactivate; remove: RemoveInstance };
  questions: EngineQuestions;
  webhooks: WebhookCommands;
}): Pages {
  const { config, resources } = deps;
  const { BASE_URL: baseUrl, BRIDGE_URL: url, BRIDGE_TOKEN: token } = config;
  const { prisma } = resources.database;
  const cookies = createCookies({ baseUrl });
  const ask = url && token ? createAskBridge({ url, token }) : undefined;
  return {
    prisma,
    baseUrl,
    cookies,
    ask,
    language: createLanguageChoice({ cookies }),
    reader: createInstanceReader({ prisma, ask }),
    letters: ask && createDeadLetterClient(ask),
    useCases: createUseCases(deps),
  };
}

function createUseCases({
  config,
  resources,
  authenticator,
  activations,
  useCases,
  questions,
  webhooks,
}: Parameters<typeof createPages>[0]): UseCases {
  const { keyring, bridge, database } = resources;
  const needed = (): BridgeClient => {
    if (bridge === undefined) throw new PonteError('gateway_not_configured');
    return bridge;
  };
  return {
    ...createWebhookUseCases({ prisma: database.prisma, webhooks }),
    holderOf: (tokenHash) => authenticator.holderOf(tokenHash),
    createInstance: (accountId, body) =>
      createInstance({ prisma: database.prisma, keyring }, accountId, parseBody(newInstanceBodySchema, body)),
    removeInstance: (instance, call) => useCases.remove(instance, call),
    async check(instance, body, call) {
      return useCases.check(body, { instance, bridge: needed(), ...call });
    },
    async activate(instance, body, { requestId, receivedAtMs }) {
      needed();
      const deadlineAt = new Date(receivedAtMs + config.ACTIVATION_TIMEOUT_MS);
      // The page looks at the row by itself: nobody waits here.
      const signal = AbortSignal.abort();
      const started = await activations.start({ instance, ...parseSetBody(body), requestId, deadlineAt, signal });
      return started.activationId;
    },
    async deactivate(instance, call) {
      await useCases.deactivate(instance, { bridge: needed(), ...call });
    },
    checkEngine: ({ id }) => questions.checkInstance(id),
    pair: ({ id }) => questions.pair(id),
    changeEngine: ({ id }, body) =>
      changeEngine({ prisma: database.prisma, keyring }, id, parseBody(patchBodySchema, body).engine),
    createAccount: (body) => createAccount(database.prisma, parseBody(newAccountBodySchema, body).name),
    renewAccountToken: (account, body) => renewAccountToken(database.prisma, account, body),
    revokeAccountToken: (id) => revokeToken(database.prisma, { kind: 'account', id }),
    renewInstanceToken: (instance, body) => renewInstanceToken(database.prisma, instance, body),
    revokeInstanceToken: ({ id }) => revokeToken(database.prisma, { kind: 'instance', id }),
    async look(instance, call) {
      const { status, last_error: lastError, live } = await useCases.look(instance, { bridge: needed(), ...call });
      if (!live.available) {
        const unknown = { tokenValid: null, inboxExists: null, webhookIsOurs: null, streamConnected: null };
        return { status, lastError, available: false, ...unknown };
      }
      return {
        status,
        lastError,
        available: true,
        tokenValid: live.token_valid,
        inboxExists: live.inbox_exists,
        webhookIsOurs: live.webhook_url_is_ours,
        streamConnected: live.stream_connected,
      };
    },
  };
}
