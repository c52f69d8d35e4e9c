import type pg from 'pg';
import { z } from 'zod';
import type { Listener } from '../../shared/database/listener.ts';
import { parseJson } from '../../shared/http/parse-json.ts';

const CHANNEL = 'ponte_conversations';

/** A contact has a new conversation in the inbox of an integration. */
export interface ConversationNews {
  readonly integrationId: string;
  readonly contactId: number;
}
const newsSchema = z.object({ integrationId: z.string(), contactId: z.number() });

/** Chatwoot tells whichever bridge process it reaches; whoever runs the integration is to know. */
export async function tellNews(pool: pg.Pool, news: ConversationNews): Promise<void> {
  await pool.query({ name: 'tell_news', text: 'SELECT pg_notify($1, $2)', values: [CHANNEL, JSON.stringify(news)] });
}

/** `onGap`: news may have been missed. */
export function listenForNews(listener: Listener, deps: { onNews: (news: ConversationNews) => void; onGap: () => void }): void {
  listener.subscribe(CHANNEL, {
    onNotification: (payload) => {
      const news = newsSchema.safeParse(parseJson(payload)).data;
      if (news === undefined) deps.onGap();
      else deps.onNews(news);
    },
    onConnected: deps.onGap,
  });
}
