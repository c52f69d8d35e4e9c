// The command `ponte`: `ponte --help`.
import { existsSync } from 'node:fs';
import { PonteError } from '../shared/errors/ponte-error.ts';
import { createProgram } from './program.ts';

if (existsSync('.env')) process.loadEnvFile('.env');
try {
  await (await createProgram(process.argv.slice(2))).run();
} catch (error) {
  if (!(error instanceof PonteError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
