#!/usr/bin/env node
// The command `ponte`: the sources where they are (a checkout), what the build made of them elsewhere (the image).
import { existsSync } from 'node:fs';

const source = new URL('./main.ts', import.meta.url);
process.setSourceMapsEnabled(true);
if (existsSync(source)) {
  const { register } = await import('tsx/esm/api');
  register();
  await import(source.href);
} else {
  await import(new URL('../dist/cli/main.js', import.meta.url).href);
}
