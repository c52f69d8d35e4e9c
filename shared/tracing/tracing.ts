import { AsyncLocalStorage } from 'node:async_hooks';

export interface SpanOptions {
  readonly name: string;
  readonly kind: 'server' | 'client' | 'producer' | 'consumer';
  /** W3C traceparent of what caused this, where that was in another process. Default: the span we are in. */
  readonly parent?: string | undefined;
  /** Never a body, a header, a query, a token: a span goes to another system. */
  readonly attributes?: Readonly<Record<string, string | number>>;
}

export interface Span {
  rename(name: string): void;
  set(attribute: string, value: string | number): void;
  /** Marks what the span stands for as failed; `code` is one of the error catalogue or of the network, never a text. */
  fail(code: string): void;
}

/** Where the time of a request goes, across processes. Without an endpoint to tell it to, nothing is done and nothing is loaded. */
export interface Tracing {
  /** Runs `work` as a span. */
  span<Value>(options: SpanOptions, work: (span: Span) => Promise<Value>): Promise<Value>;
  /** W3C traceparent of the span we are in, for a job or a header. */
  current(): string | undefined;
  start(): Promise<void>;
  /** Sends what has not been sent yet, for a few seconds at most. */
  stop(): Promise<void>;
}

/** What a span needs from the library, which is loaded only where it is used. */
export interface SpanSource {
  begin(options: SpanOptions): Span & { readonly traceparent: string; end(): void };
  stop(): Promise<void>;
}

const NO_SPAN: Span = { rename() {}, set() {}, fail() {} };
// As the standard has it; what anybody sends us goes into our own traces.
const TRACEPARENT = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** What a job throws has its code in its text, where the queue can show it. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'error';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return /^\{"v":1,"code":"([a-z_]+)"/.exec(error.message)?.[1] ?? 'error';
}

/** `endpoint` is OTEL_EXPORTER_OTLP_ENDPOINT; `service` names the process in the traces. */
export function createTracing({ endpoint, service }: { endpoint: string | undefined; service: string }): Tracing {
  const active = new AsyncLocalStorage<string>();
  let source: SpanSource | undefined;

  return {
    async span(options, work) {
      if (source === undefined) return work(NO_SPAN);
      const parent = options.parent !== undefined && TRACEPARENT.test(options.parent) ? options.parent : active.getStore();
      const span = source.begin({ ...options, parent });
      try {
        return await active.run(span.traceparent, () => work(span));
      } catch (error) {
        span.fail(codeOf(error));
        throw error;
      } finally {
        span.end();
      }
    },
    current: () => active.getStore(),
    async start() {
      if (endpoint === undefined) return;
      const { createSpanSource } = await import('./otlp.ts');
      source = createSpanSource({ endpoint, service });
    },
    async stop() {
      await source?.stop();
    },
  };
}
