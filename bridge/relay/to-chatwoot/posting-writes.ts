import type pg from 'pg';
import { createGathering } from '../../../shared/gathering.ts';
import { type AskedPosting, type BegunPosting, beginPostings, type Posted, recordPosted } from './queries/postings.ts';

/** What every message writes before and after its request: of all integrations together, as many as come at a time. */
export interface PostingWrites {
  begin(posting: AskedPosting): Promise<BegunPosting>;
  record(posted: Posted): Promise<void>;
}

const WRITTEN_TOGETHER = { width: 1, most: 50, silentMs: 250 };

export function createPostingWrites(pool: pg.Pool): PostingWrites {
  return {
    begin: createGathering({ ...WRITTEN_TOGETHER, ask: (asked: readonly AskedPosting[]) => beginPostings(pool, asked) }),
    record: createGathering<Posted, void>({
      ...WRITTEN_TOGETHER,
      ask: async (posted) => {
        await recordPosted(pool, posted);
        return [];
      },
    }),
  };
}
