import type { Router } from 'express';
import type { ApiConfig } from '../shared/config/config.ts';
import { createEngineOpener } from '../shared/engines/open-engine.ts';
import type { Logger } from '../shared/logging/logger.ts';
import { createAccountRoutes } from './accounts/routes.ts';
import type { Activations } from './activation/start-activation.ts';
import type { Authenticator } from './auth/authenticator.ts';
import { createGuards } from './auth/guards.ts';
import { createCheck } from './chatwoot/check.ts';
import { createDeactivate } from './chatwoot/delete.ts';
import { createIntegrationLook } from './chatwoot/list.ts';
import { createChatwootRoutes } from './chatwoot/routes.ts';
import { createPages, type Pages } from './console.ts';
import { createRemoveNow } from './deactivation/remove-now.ts';
import { createDocsRoutes } from './docs/routes.ts';
import { createEventRoutes } from './events/routes.ts';
import { createCountUnread } from './events/unread.ts';
import type { Readiness } from './health/readiness.ts';
import { createHealthRoutes } from './health/routes.ts';
import { createEngineQuestions } from './instances/check-engine.ts';
import { createRemoveInstance } from './instances/delete.ts';
import { createEngineWay } from './instances/engine-way.ts';
import { createInstanceRoutes } from './instances/routes.ts';
import { createEngineDirectory } from './messages/engine-directory.ts';
import { createMessageRoutes } from './messages/routes.ts';
import type { MessagesUnderWay } from './messages/under-way.ts';
import type { Resources } from './resources.ts';
import { createStreamRoutes } from './stream/routes.ts';
import { createWebhookCommands } from './webhooks/commands.ts';
import { createWebhookRoutes } from './webhooks/routes.ts';

export interface Routes {
  readonly health: Router;
  readonly docs: Router;
  readonly chatwoot: Router;
  readonly instances: Router;
  readonly events: Router;
  readonly messages: Router;
  readonly accounts: Router;
  readonly webhooks: Router;
  readonly stream: Router;
  /** For whoever serves pages. */
  readonly pages: Pages;
}

/** The routers of the rooms, each with what it needs. */
export function createRoutes(deps: {
  config: ApiConfig;
  resources: Resources;
  readiness: Readiness;
  authenticator: Authenticator;
  activations: Activations;
  underWay: MessagesUnderWay;
  logger: Logger;
}): Routes {
  const { config, authenticator, activations, underWay } = deps;
  const { database, slowDatabase, keyring, bridge, removalJobs, metrics } = deps.resources;
  const { prisma } = database;
  const guards = createGuards({ prisma, bridge });
  const removeNow = createRemoveNow({ prisma, removals: removalJobs });
  const { BASE_URL: apiUrl, ACTIVATION_TIMEOUT_MS: activationTimeoutMs, BRIDGE_URL: bridgeUrl = '' } = config;
  const { ENGINE_URL: defaultUrl, ENGINE_TOKEN: defaultToken } = config;
  const open = createEngineOpener({ keyring, defaultUrl, defaultToken, agents: deps.resources.engineAgents });
  const engines = createEngineDirectory({ prisma, open });
  const countUnread = createCountUnread({ prisma: slowDatabase.prisma, registry: metrics.registry, logger: deps.logger });
  const questions = createEngineQuestions({ engines, defaultUrl, defaultToken, agents: deps.resources.engineAgents });
  const webhooks = createWebhookCommands({ prisma, keyring });
  const common = { prisma, guards, activations, activationTimeoutMs };
  const useCases = {
    check: createCheck({ bridgeUrl, apiUrl }),
    look: createIntegrationLook({ prisma }),
    deactivate: createDeactivate({ prisma, removeNow }),
    remove: createRemoveInstance({ prisma, removeNow, bridge }),
  };

  return {
    health: createHealthRoutes({ readiness: deps.readiness }),
    docs: createDocsRoutes({ baseUrl: apiUrl }),
    chatwoot: createChatwootRoutes({
      ...common,
      ...useCases,
      bridgeUrl,
      engineWay: createEngineWay({ prisma, keyring, engines }),
    }),
    instances: createInstanceRoutes({ ...common, ...useCases, keyring, bridge, questions }),
    events: createEventRoutes({
      prisma: slowDatabase.prisma,
      pool: slowDatabase.pool,
      keyring,
      authenticator,
      guards,
      countUnread,
    }),
    pages: createPages({ ...deps, useCases, questions, webhooks }),
    messages: createMessageRoutes({ prisma, guards, engines, underWay }),
    accounts: createAccountRoutes({ prisma, guards }),
    webhooks: createWebhookRoutes({ guards, webhooks }),
    stream: createStreamRoutes({ pool: slowDatabase.pool, authenticator }),
  };
}
