/** A part of the core in which no change may go unnoticed, and the quick tests that have to notice it. */
export interface Area {
  readonly mutate: readonly string[];
  readonly tests: readonly string[];
}

/** What `npm run test:mutation` changes. The tests of an area run in-process, so that some hundreds of runs stay affordable. */
export const AREAS: Readonly<Record<string, Area>> = {
  classification: {
    mutate: [
      'shared/bridge-client/{chatwoot-answer,classification,effect}.ts',
      'bridge/chatwoot/outcome.ts',
      'bridge/relay/to-chatwoot/classify-error.ts',
    ],
    tests: ['test/unit/{classification.*,chatwoot-outcomes,bridge-effect,relay-errors}.test.ts'],
  },
  encryption: {
    mutate: ['shared/encryption/{key-check,keyring,keys,rotation}.ts'],
    tests: ['test/unit/encryption.test.ts'],
  },
  waiting: {
    mutate: ['api/activation/completion-waiter.ts'],
    tests: ['test/unit/completion-{notified,waiter}.test.ts'],
  },
  ordering: {
    mutate: ['bridge/relay/to-chatwoot/{circuit-breaker,homes,keyed-queue,memory,pipeline}.ts', 'shared/{backoff,turns}.ts'],
    tests: ['test/unit/{backoff,circuit-breaker,pipeline,relay-memory,relay-order,turns}.test.ts'],
  },
  replies: {
    mutate: ['bridge/relay/to-whatsapp/{message-api,reply,reply-queue,send-reply}.ts', 'bridge/catch-up/look-back.ts'],
    tests: ['test/unit/{look-back,message-api,reply-queue,send-reply}.test.ts'],
  },
};
