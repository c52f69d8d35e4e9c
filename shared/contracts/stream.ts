import { z } from 'zod';
import { DEFAULT_ENGINE_KIND, engineKindSchema } from '../engines/registry.ts';

/**
 * The frames on /ws/chatwoot/:instance, JSON text. The bridge connects with `?after=<sequence>` and `Authorization: Bearer BRIDGE_TOKEN`,
 * and says by it that it needs nothing up to there; the api sends every stored event that was not acknowledged, in order within each
 * chat, as many at a time as its window takes; the bridge acknowledges each one when Chatwoot has it. `redelivered` is set on an event
 * that was sent before and may have reached Chatwoot. A bridge that adds `&outlines` gets no more than the outline of a large event (see
 * shared/engines/outline.ts), and asks for the whole of it (`storedEventPath`) when its turn has come.
 */
export const streamServerFrameSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('hello'), instance: z.string(), latest: z.number().int().nonnegative() }),
  z.object({
    type: z.literal('event'),
    sequence: z.number().int().positive(),
    redelivered: z.boolean().default(false),
    /** Whether `event` is only the outline of what is stored. */
    outline: z.boolean().default(false),
    /** Which engine can read `event`. */
    engineKind: engineKindSchema.default(DEFAULT_ENGINE_KIND),
    event: z.unknown(),
  }),
]);
export type StreamServerFrame = z.infer<typeof streamServerFrameSchema>;

export const streamClientFrameSchema = z.object({ type: z.literal('ack'), sequence: z.number().int().nonnegative() });
export type StreamClientFrame = z.infer<typeof streamClientFrameSchema>;

/** With this `after` a bridge only tries whether the stream can be had: it is sent nothing, and takes nobody's place. */
export const STREAM_PROBE_AFTER = Number.MAX_SAFE_INTEGER;
/** The connection is closed with this code when another one of the same instance was opened after it. */
export const STREAM_SUPERSEDED = 4001;
/** Both sides ping this often and drop a connection that has been silent for twice as long. */
export const STREAM_HEARTBEAT_MS = 15_000;
export const streamPath = (instanceId: string): string => `/ws/chatwoot/${encodeURIComponent(instanceId)}`;
/** Where the api has the whole of an event. */
export const storedEventPath = (instanceId: string, sequence: number): string => `${streamPath(instanceId)}/events/${sequence}`;
