#!/usr/bin/env node
// The command `ponte`: what the build has made, once more in a checkout where something has changed since.
import { existsSync } from 'node:fs';

process.setSourceMapsEnabled(true);
if (existsSync(new URL('./main.ts', import.meta.url))) {
  const { build, isBuilt } = await import('../scripts/build/build.js');
  if (!isBuilt()) await build();
}
await import(new URL('../dist/cli/main.js', import.meta.url).href);
