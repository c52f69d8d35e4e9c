import { z } from 'zod';

/** How many integrations `POST /v1/overview` is asked of at once. */
const OVERVIEW_MOST = 200;
/** Counts end here: beyond it people want to know that it is many, not how many. */
export const COUNTED_UP_TO = 1_000;

/**
 * What the bridge has recorded of many integrations at once, for lists: `POST /v1/overview` with their ids. Chatwoot is not asked, so it costs
 * nothing but a look at the database, as opposed to `GET /v1/integrations/:id`.
 */
export const overviewRequestSchema = z.object({ ids: z.array(z.string().min(1).max(60)).max(OVERVIEW_MOST) });

export const integrationOverviewSchema = z.looseObject({
  id: z.string(),
  status: z.enum(['active', 'paused', 'error']),
  last_error: z.string(),
  inbox_id: z.number().nullable(),
  inbox_name: z.string(),
  /** Whether the inbox was there before, and so stays when the integration ends. */
  adopted: z.boolean(),
  /** Why the phone is not connected to WhatsApp, as the engine told last; empty while it is, or where it never told. */
  phone_state: z.string(),
  last_to_chatwoot_at: z.iso.datetime().nullable(),
  last_to_whatsapp_at: z.iso.datetime().nullable(),
  /** Agents' messages that have not left yet, and messages of both directions that were set aside. */
  waiting_to_whatsapp: z.number(),
  set_aside: z.number(),
});
export type IntegrationOverview = z.output<typeof integrationOverviewSchema>;
export const overviewSchema = z.looseObject({ integrations: z.array(integrationOverviewSchema) });

/** `GET /v1/overview/troubled`: those that somebody has to look at, because they fail or have something set aside. */
export const troubledSchema = z.looseObject({ ids: z.array(z.string()) });

/** `GET /v1/integrations/:id/traffic`: messages of the last 24 hours. */
export const trafficSchema = z.looseObject({ to_chatwoot: z.number(), to_whatsapp: z.number() });
export type Traffic = z.output<typeof trafficSchema>;
