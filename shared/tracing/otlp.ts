import { context, SpanKind, SpanStatusCode, TraceFlags, type Tracer, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { SpanOptions, SpanSource } from './tracing.ts';

const KINDS = { server: SpanKind.SERVER, client: SpanKind.CLIENT, producer: SpanKind.PRODUCER, consumer: SpanKind.CONSUMER };
const EXPORT_TIMEOUT_MS = 3_000;
const SEND_EVERY_MS = 2_000;
const LONGEST_VALUE = 500;

/** Spans to an OpenTelemetry collector: OTLP over HTTP, as JSON. A collector that is away costs nothing but the spans. */
export function createSpanSource({ endpoint, service }: { endpoint: string; service: string }): SpanSource {
  const exporter = new OTLPTraceExporter({ url: `${endpoint}/v1/traces`, timeoutMillis: EXPORT_TIMEOUT_MS });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': `ponte-${service}`, 'service.namespace': 'ponte' }),
    spanLimits: { attributeValueLengthLimit: LONGEST_VALUE },
    spanProcessors: [
      new BatchSpanProcessor({ exporter, scheduledDelayMillis: SEND_EVERY_MS, exportTimeoutMillis: EXPORT_TIMEOUT_MS }),
    ],
  });
  const tracer = provider.getTracer('ponte');

  return {
    begin: (options) => beginSpan(tracer, options),
    async stop() {
      const late = new Promise<void>((resolve) => setTimeout(resolve, EXPORT_TIMEOUT_MS + 500).unref());
      // There is nobody left to tell that the last spans were lost.
      await Promise.race([provider.shutdown().catch(() => {}), late]);
    },
  };
}

function beginSpan(tracer: Tracer, { name, kind, parent, attributes }: SpanOptions) {
  // Always below an explicit parent: the library's own idea of the current span is not used.
  const span = tracer.startSpan(name, { kind: KINDS[kind], attributes: { ...attributes } }, contextOf(parent));
  const { traceId, spanId, traceFlags } = span.spanContext();
  return {
    traceparent: `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`,
    rename: (text: string) => void span.updateName(text),
    set: (attribute: string, value: string | number) => void span.setAttribute(attribute, value),
    fail(code: string) {
      span.setAttribute('error.type', code);
      span.setStatus({ code: SpanStatusCode.ERROR });
    },
    end: () => span.end(),
  };
}

function contextOf(parent: string | undefined) {
  const root = trace.deleteSpan(context.active());
  const [, traceId, spanId, flags] = parent?.split('-') ?? [];
  if (traceId === undefined || spanId === undefined) return root;
  const traceFlags = Number.parseInt(flags ?? '', 16) & TraceFlags.SAMPLED;
  return trace.setSpanContext(root, { traceId, spanId, traceFlags, isRemote: true });
}
