import { Command } from 'commander';
import { z } from 'zod';
import { PonteError } from '../shared/errors/ponte-error.ts';

const TIMEOUT_MS = 60_000;

const errorSchema = z.object({ error: z.object({ message: z.string() }) });
const answerSchema = z.object({
  ok: z.boolean(),
  chatwoot_to_ponte: z.object({ ok: z.boolean(), message: z.string() }),
  engine_to_ponte: z.object({ ok: z.boolean().nullable(), message: z.string() }),
});

/** Asks a running api for the proof that an instance's messages have a way, and prints what it found. Ends with 1 where something does not hold. */
async function verify(instance: string, { url, token }: { url: string; token?: string }): Promise<void> {
  const secret = token ?? process.env.PONTE_TOKEN;
  if (secret === undefined || secret === '') throw new PonteError('config_invalid', { faults: 'PONTE_TOKEN is missing' });
  const address = `${url.replace(/\/+$/, '')}/api/chatwoot/verify/${encodeURIComponent(instance)}`;
  const response = await fetch(address, {
    method: 'POST',
    headers: { token: secret },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((error: unknown) => {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw new PonteError('config_invalid', {
      faults: `PONTE_URL: no Ponte answers at ${url} (${cause instanceof Error ? cause.message : String(cause)})`,
    });
  });
  const body: unknown = await response.json().catch(() => undefined);
  const answer = answerSchema.safeParse(body);
  if (!answer.success) {
    const told = errorSchema.safeParse(body);
    process.stdout.write(`✘ ${told.success ? told.data.error.message : `HTTP ${response.status}: that is no Ponte`}\n`);
    process.exitCode = 1;
    return;
  }
  const { ok, chatwoot_to_ponte: chatwoot, engine_to_ponte: engine } = answer.data;
  process.stdout.write(`${chatwoot.ok ? '✔' : '✘'} Chatwoot → Ponte: ${chatwoot.message}\n`);
  process.stdout.write(`${engine.ok === null ? '–' : engine.ok ? '✔' : '✘'} WhatsApp API → Ponte: ${engine.message}\n`);
  if (!ok) process.exitCode = 1;
}

/** `ponte verify INSTANCE` */
export const createVerifyCommand = (): Command =>
  new Command('verify')
    .argument('<instance>', 'name of the instance')
    .option('--url <url>', 'address of Ponte (PONTE_URL)', process.env.PONTE_URL ?? 'http://127.0.0.1:3000')
    .option(
      '--token <token>',
      'TokenAccount or TokenInstance; better in PONTE_TOKEN: arguments are seen by every user of the machine',
    )
    .action(verify);
