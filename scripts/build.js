// npm run build [-- more entries]: what runs, as JavaScript in `dist/`. A production install (--omit=dev) has no tools for it, and what a build
// has made.
import { build } from './build/build.js';

try {
  import.meta.resolve('esbuild');
} catch {
  process.exit(0);
}
await build({ entries: process.argv.slice(2) });
