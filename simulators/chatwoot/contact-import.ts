import type { Router } from 'express';
import { forAccount, requireAdministrator } from './auth.ts';
import { insertContact, readContact } from './contact-record.ts';
import { empty, unprocessable } from './replies.ts';
import type { AccountRow } from './rows.ts';
import type { World } from './world.ts';

const cellsOf = (line: string): string[] => line.split(',').map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));

/** The rows of a CSV file as maps; fields with commas or line breaks in them are not looked for. */
function rowsOf(csv: string): Record<string, string>[] {
  const [head = '', ...lines] = csv.split(/\r?\n/).filter((line) => line.trim() !== '');
  const names = cellsOf(head);
  return lines.map((line) => Object.fromEntries(cellsOf(line).map((cell, index) => [names[index] ?? '', cell])));
}

function importRow(world: World, account: AccountRow, row: Record<string, string>): void {
  const known = world.tables.contacts
    .group('account', account.id)
    .find(({ phoneNumber }) => phoneNumber !== null && phoneNumber === row.phone_number);
  const fields = readContact(row, world.features, known);
  if (known) Object.assign(known, fields, { updatedAt: Date.now() });
  else insertContact(world, account, fields);
}

/** `POST contacts/import`: a job, which overwrites name and identifier of a contact that has the number already. */
export function contactImportRoutes(world: World, router: Router): void {
  router.post(
    '/api/v1/accounts/:account_id/contacts/import',
    forAccount(world, (caller, req, res) => {
      requireAdministrator(caller);
      const file = (Array.isArray(req.files) ? req.files : []).find(({ fieldname }) => fieldname === 'import_file');
      if (!file) throw unprocessable('File is blank');
      const rows = rowsOf(file.buffer.toString('utf8'));
      world.after(0, () => {
        for (const row of rows) importRow(world, caller.account, row);
      });
      empty(res, 200);
    }),
  );
}
