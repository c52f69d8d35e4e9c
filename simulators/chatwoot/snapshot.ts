import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { createTables, type Dump, dumpTables, type Tables } from './tables.ts';

const table = z.object({ lastId: z.number(), rows: z.array(z.looseObject({ id: z.number() })) });
const snapshotSchema = z.object({
  accounts: table,
  users: table,
  agentBots: table,
  tokens: table,
  inboxes: table,
  contacts: table,
  contactInboxes: table,
  conversations: table,
  messages: table,
  lastAttachmentId: z.number(),
  blobs: z.array(z.tuple([z.string(), z.string()])),
});

/** The tables of an earlier process, or empty ones. Fails on a file that is no snapshot. */
export function loadTables(file: string | undefined): Tables {
  if (file === undefined || !existsSync(file)) return createTables();
  const parsed = snapshotSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  // The file is our own: its frame is checked, its rows are taken as this program wrote them.
  return createTables(parsed as unknown as Dump);
}

/** Keeps a file in step with the tables. Writes are whole files put in place by a rename, so a kill leaves the old or the new one. */
export function createSnapshot(tables: Tables, file: string | undefined) {
  let dirty = false;
  const flush = (): void => {
    if (!dirty || file === undefined) return;
    dirty = false;
    writeFileSync(`${file}.new`, JSON.stringify(dumpTables(tables)));
    renameSync(`${file}.new`, file);
  };
  return {
    /** Notes a change; it is written before the answer to the request that made it, or right after the current turn. */
    changed(): void {
      if (dirty || file === undefined) return;
      dirty = true;
      setImmediate(flush);
    },
    flush,
  };
}
