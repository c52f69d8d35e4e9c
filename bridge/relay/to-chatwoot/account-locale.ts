import type { PrismaClient } from '../../../shared/database/database.ts';
import type { ChatwootClient } from '../../chatwoot/client.ts';
import type { IntegrationRow } from '../../integrations/store.ts';
import { type Texts, textsOf } from '../../texts/texts.ts';
import { writeAccountLocale } from './queries/write-account-locale.ts';

/** In which language an integration's agents are written to. */
export interface AgentLanguage {
  /** As far as it is known now. */
  texts(): Texts;
  /** Asks Chatwoot for the locale of the account where nobody has yet. Resolves when that is settled, soon in any case. */
  learn(row: IntegrationRow): Promise<void>;
}

/** Messages do not wait for long to be in the right language. */
const ASK_TIMEOUT_MS = 2_000;

export function createAgentLanguage(deps: {
  openClient: () => ChatwootClient;
  prisma: PrismaClient;
  row: () => IntegrationRow;
}): AgentLanguage {
  /** What was learned for a row that does not say it yet; a row that was changed may be of another account. */
  let learned: { readonly row: IntegrationRow; readonly locale: string } | undefined;

  return {
    texts() {
      const row = deps.row();
      const accountLocale = row.accountLocale ?? (learned?.row === row ? learned.locale : null);
      return textsOf({ language: row.language, accountLocale });
    },
    async learn(row) {
      if (row.accountLocale !== null || row.language !== null) return;
      try {
        const told = await deps.openClient().getLocale(ASK_TIMEOUT_MS);
        if (!told.ok) return;
        learned = { row, locale: told.value };
        await writeAccountLocale(deps.prisma, row, told.value);
      } catch {
        // It is asked for with the next change, or by the next process; English will do.
      }
    },
  };
}
