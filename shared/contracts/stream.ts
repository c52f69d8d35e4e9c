import { z } from 'zod';

/**
 * The frames on /ws/chatwoot/:instance, JSON text. The bridge connects with `?after=<sequence>` and `Authorization: Bearer BRIDGE_TOKEN`;
 * the api sends every stored event after it, in order; the bridge acknowledges an event when Chatwoot has it.
 */
export const streamServerFrameSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('hello'), instance: z.string(), latest: z.number().int().nonnegative() }),
  z.object({ type: z.literal('event'), sequence: z.number().int().positive(), event: z.unknown() }),
]);
export type StreamServerFrame = z.infer<typeof streamServerFrameSchema>;

export const streamClientFrameSchema = z.object({ type: z.literal('ack'), sequence: z.number().int().nonnegative() });
export type StreamClientFrame = z.infer<typeof streamClientFrameSchema>;

/** Both sides ping this often and drop a connection that has been silent for twice as long. */
export const STREAM_HEARTBEAT_MS = 15_000;
export const streamPath = (instanceId: string): string => `/ws/chatwoot/${encodeURIComponent(instanceId)}`;
