import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { ExpressAdapter } from '@bull-board/express';
import type { Queue } from 'bullmq';
import { type Express, type RequestHandler, Router } from 'express';
import type { PrismaClient } from '../../shared/database/database.ts';
import type { Logger } from '../../shared/logging/logger.ts';
import type { JobQueue } from '../../shared/queue/job-queue.ts';
import { ACTIVATION_QUEUE, REMOVAL_QUEUE } from '../../shared/queue/queues.ts';
import type { PageResponse } from '../console/page.tsx';
import { createAnswerFilter, type QueueAnswer } from './answer-filter.ts';
import { sendQueueAway } from './away.tsx';
import { createActivationFacts, createRemovalFacts, type ReadJobFacts } from './job-facts.ts';

const BASE_PATH = '/admin/queues';

/**
 * Bull Board on both queues: read-only, whatever is asked; it sees of a job only what the redaction lets through. The queues are reached when
 * somebody looks, so that one that is away does not keep the api from starting.
 */
export function createQueueUi(deps: {
  prisma: PrismaClient;
  queues: { activations: Pick<JobQueue<never>, 'reach'>; removals: Pick<JobQueue<never>, 'reach'> };
  logger: Logger;
}): Router {
  const sources = [
    { jobs: deps.queues.activations, name: 'Activations', description: 'One job an activation' },
    { jobs: deps.queues.removals, name: 'Removals', description: 'Inboxes and integrations to be removed' },
  ];
  const facts = new Map<string, ReadJobFacts>([
    [ACTIVATION_QUEUE, createActivationFacts(deps)],
    [REMOVAL_QUEUE, createRemovalFacts(deps)],
  ]);
  let board: { readonly app: Express; readonly queues: readonly Queue[]; replace(queues: readonly Queue[]): void } | undefined;

  /** A queue that was broken comes back as another object. */
  async function reachBoard(): Promise<Express> {
    const queues = await Promise.all(sources.map(({ jobs }) => jobs.reach()));
    if (board === undefined) board = createBoard(queues, sources, facts, deps.logger);
    else if (queues.some((queue, index) => queue !== board?.queues[index])) board.replace(queues);
    return board.app;
  }

  const router = Router();
  router.use(onlyReading);
  router.use(answerWithoutAsking());
  router.use(async (request, response: PageResponse, next) => {
    let app: Express;
    try {
      app = await reachBoard();
    } catch (error) {
      deps.logger.warn({ reason: String(error) }, 'the queue UI cannot reach the queue');
      return sendQueueAway(response);
    }
    app(request, response, next);
  });
  return router;
}

function createBoard(
  queues: readonly Queue[],
  sources: readonly { name: string; description: string }[],
  facts: ReadonlyMap<string, ReadJobFacts>,
  logger: Logger,
) {
  const adapt = (from: readonly Queue[]) =>
    from.map(
      (queue, index) =>
        new BullMQAdapter(queue, {
          readOnlyMode: true,
          displayName: sources[index]?.name ?? queue.name,
          description: sources[index]?.description ?? '',
        }),
    );
  const filter = createAnswerFilter({ facts, logger });
  const serverAdapter = new ExpressAdapter().setBasePath(BASE_PATH);
  const { replaceQueues } = createBullBoard({
    queues: adapt(queues),
    serverAdapter,
    options: {
      uiConfig: {
        boardTitle: 'Ponte queues',
        hideRedisDetails: true,
        hideDocsLink: true,
        showWorkers: false,
        miscLinks: [
          { text: 'Instances', url: '/admin/instances' },
          { text: 'Activations', url: '/admin/activations' },
          { text: 'Removals', url: '/admin/removals' },
          { text: 'Set aside', url: '/admin/dead-letters' },
        ],
      },
      handlerHooks: {
        before: ({ method, route }) => ({ allow: filter.mayAsk(method, route), status: 403 }),
        // The answer of the filter is the same one with less in it.
        after: async ({ route, request }, result) =>
          (await filter.reduce(route, String(request.params.queueName ?? ''), result as QueueAnswer)) as typeof result,
      },
    },
  });
  // What a handler throws may have an address in it, or a password.
  serverAdapter.setErrorHandler(() => ({ status: 500, body: { error: { key: 'ERRORS.INTERNAL_SERVER_ERROR' } } }));
  const app: Express = serverAdapter.getRouter();
  withoutOtherHosts(app);
  const state = {
    app,
    queues,
    replace(next: readonly Queue[]) {
      replaceQueues(adapt(next));
      state.queues = next;
    },
  };
  return state;
}

/** Bull Board’s own switch leaves some ways to write open. */
const onlyReading: RequestHandler = (request, response, next) => {
  if (request.method === 'GET' || request.method === 'HEAD') return next();
  response.setHeader('Allow', 'GET, HEAD');
  response.status(405).json({ error: { key: 'ERRORS.QUEUE_READ_ONLY' } });
};

/** What the UI asks for with every job although ours have none: logs can hold anything, and there are no flows. */
function answerWithoutAsking(): Router {
  const router = Router();
  router.get('/api/queues/:queue/:job/logs', (_request, response) => void response.json([]));
  router.get('/api/queues/:queue/:job/flow', (request, response) => {
    response.json({ nodeId: request.params.job, isFlowNode: false, flowRoot: null });
  });
  return router;
}

/** Its page asks Google for a font. The security policy forbids the browser to, and with this it is not even asked. */
function withoutOtherHosts(app: Express): void {
  // Express keeps its engines by file ending, and types them nowhere.
  const { engines } = app as unknown as { engines: Record<string, Render> };
  const render = engines['.ejs'];
  if (render === undefined) throw new Error('the queue UI renders its page in a way that is not known');
  app.engine('ejs', (path: string, data: object, done: (error: unknown, page?: string) => void) =>
    render(path, data, (error, page) => done(error, page?.replace(/<link[^>]*href="https?:[^>]*>/g, ''))),
  );
}

type Render = (path: string, data: object, done: (error: unknown, page?: string) => void) => void;
