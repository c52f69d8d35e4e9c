import { Command, Option } from 'commander';
import { z } from 'zod';
import { readConfig } from '../../shared/config/config.ts';
import { variables } from '../../shared/config/variables.ts';
import { createDatabase } from '../../shared/database/database.ts';
import type { RelayDirection } from '../../shared/database/generated/client.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import { createDeadLetterCommands, type DeadLetterCommands, type ShownLetter } from './commands.ts';

type Commands = DeadLetterCommands;

const configSchema = z.object({
  BRIDGE_DATABASE_URL: variables.BRIDGE_DATABASE_URL,
  DATABASE_URL: variables.DATABASE_URL.optional(),
});
const DIRECTIONS: Readonly<Record<string, RelayDirection>> = { whatsapp: 'to_whatsapp', chatwoot: 'to_chatwoot' };
const REASON_LENGTH = 100;
const print = (line: string): void => void process.stdout.write(`${line}\n`);

async function withCommands(act: (commands: Commands) => Promise<void>): Promise<void> {
  const config = readConfig(configSchema, process.env);
  const url = config.BRIDGE_DATABASE_URL ?? config.DATABASE_URL;
  if (url === undefined) throw new PonteError('config_invalid', { faults: 'DATABASE_URL is missing' });
  const database = createDatabase({ url, poolSize: 1 });
  try {
    await database.assertReady();
    await act(createDeadLetterCommands(database));
  } finally {
    await database.stop();
  }
}

function shown(letters: readonly ShownLetter[]): string[] {
  const rows = letters.map((letter) => [
    letter.id,
    letter.direction === 'to_whatsapp' ? 'to WhatsApp' : 'to Chatwoot',
    letter.isActive ? letter.state : `${letter.state}, deactivated`,
    letter.instanceName,
    letter.chat,
    letter.createdAt.toISOString().slice(0, 19),
    String(letter.attempts),
    letter.reason.replace(/\s+/g, ' ').slice(0, REASON_LENGTH),
  ]);
  const table = [['ID', 'WAY', 'STATE', 'INSTANCE', 'CHAT', 'SINCE (UTC)', 'TRIES', 'REASON'], ...rows];
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];
  return table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

async function dead(
  commands: Commands,
  options: { way?: string; integration?: string; limit: string; show?: boolean },
): Promise<void> {
  const letters = await commands.list({
    direction: DIRECTIONS[options.way ?? ''],
    integrationId: options.integration,
    limit: Math.max(1, Number.parseInt(options.limit, 10) || 1),
    withPayload: options.show === true,
  });
  if (letters.length === 0) return print('No message was set aside.');
  const [head = '', ...lines] = shown(letters);
  print(head);
  for (const [index, line] of lines.entries()) {
    print(line);
    const payload = letters[index]?.payload;
    if (payload !== undefined) print(`    ${payload}`);
  }
}

async function resend(
  commands: Commands,
  ids: string[],
  options: { all?: boolean; way?: string; integration?: string },
): Promise<void> {
  if ((ids.length === 0) !== (options.all === true)) {
    throw new PonteError('config_invalid', { faults: 'give either ids or --all' });
  }
  const asked = await commands.resend({
    direction: DIRECTIONS[options.way ?? ''],
    integrationId: options.integration,
    ids: options.all ? undefined : ids,
  });
  print(`${asked} to be sent again; the bridge does so within seconds.`);
  if (asked < ids.length) {
    print(`${ids.length - asked} cannot be: unknown, asked for already, or of a deactivated integration.`);
    process.exitCode = 1;
  }
}

async function discard(commands: Commands, ids: string[]): Promise<void> {
  const count = await commands.discard(ids);
  print(`${count} discarded.`);
  if (count < ids.length) process.exitCode = 1;
}

const way = () => new Option('--way <way>', 'only this way').choices(Object.keys(DIRECTIONS));

/** `ponte relay …` */
export function createRelayCommand(): Command {
  const command = new Command('relay');
  command
    .command('dead')
    .description('lists them, oldest first')
    .addOption(way())
    .option('--integration <id>', 'only of this integration')
    .option('--limit <count>', 'at most so many', '50')
    .option('--show', 'with their content')
    .action((options: Parameters<typeof dead>[1]) => withCommands((commands) => dead(commands, options)));
  command
    .command('resend')
    .description('has them relayed again')
    .argument('[ids...]', 'which')
    .option('--all', 'all of them, or all that the other options leave')
    .addOption(way())
    .option('--integration <id>', 'only of this integration')
    .action((ids: string[], options: Parameters<typeof resend>[2]) => withCommands((commands) => resend(commands, ids, options)));
  command
    .command('discard')
    .description('forgets them')
    .argument('<ids...>', 'which')
    .action((ids: string[]) => withCommands((commands) => discard(commands, ids)));
  return command;
}
