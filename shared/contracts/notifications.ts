import { z } from 'zod';

/** How many notifications the bridge hands over at a time, at most. */
export const NOTIFICATIONS_MOST = 200;

const about = {
  /** Stays the same however often it is handed over. */
  id: z.string(),
  instance_id: z.string(),
  integration_id: z.string(),
  inbox_id: z.number().nullable(),
  inbox_name: z.string(),
  /** How long ago it happened. */
  age_ms: z.number().nonnegative(),
};

/**
 * What an integration has to tell of itself: `POST /v1/notifications/fetch`. It is handed over until `POST /v1/notifications/forget` says that
 * it is stored, so whoever asks must recognise what it has.
 */
export const bridgeNotificationSchema = z.discriminatedUnion('type', [
  z.looseObject({ ...about, type: z.literal('integration.error'), message: z.string() }),
  z.looseObject({ ...about, type: z.literal('integration.recovered') }),
  z.looseObject({
    ...about,
    type: z.literal('message.set_aside'),
    message: z.string(),
    direction: z.enum(['to_chatwoot', 'to_whatsapp']),
    dead_letter_id: z.string(),
    conversation_id: z.number().nullable(),
  }),
]);
export type BridgeNotification = z.output<typeof bridgeNotificationSchema>;

/** What a newer bridge tells besides is nothing that this version could hand on. */
export const bridgeNotificationsSchema = z.looseObject({ notifications: z.array(z.unknown()).max(NOTIFICATIONS_MOST) });

export const forgetNotificationsSchema = z.object({ ids: z.array(z.string().min(1).max(60)).max(NOTIFICATIONS_MOST) });
