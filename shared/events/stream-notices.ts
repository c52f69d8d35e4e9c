import { z } from 'zod';
import { parseJson } from '../http/parse-json.ts';

/** The channel on which the api processes tell each other about streams. */
export const STREAM_CHANNEL = 'ponte_stream';

const noticeSchema = z.union([
  /** There are new events of this instance. */
  z.object({ wake: z.string() }),
  /** A bridge has opened the stream of this instance; `at` orders the openings, by the clock of the database. */
  z.object({ opened: z.string(), stream: z.string(), at: z.number() }),
]);
export type StreamNotice = z.infer<typeof noticeSchema>;

export const wakeNotice = (instanceId: string): string => JSON.stringify({ wake: instanceId } satisfies StreamNotice);

/** Undefined for what another version may send. */
export const readNotice = (payload: string): StreamNotice | undefined => noticeSchema.safeParse(parseJson(payload)).data;
