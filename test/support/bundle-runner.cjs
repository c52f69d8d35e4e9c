// `node bundle-runner.cjs BUNDLE ENTRY …`: runs an entry of the bundle with what V8 has compiled of it before.
const { existsSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const { dirname, join } = require('node:path');
const { Script } = require('node:vm');

/** By then a process has started, and with it whatever the next one would have to compile. */
const STARTED_MS = 1_500;

const [bundle, entry, ...args] = process.argv.slice(2);
const kept = join(dirname(bundle), `${entry.replaceAll('/', '_')}.v8`);
const isKept = existsSync(kept);
process.argv = [process.argv[0], entry, ...args];

const source = readFileSync(bundle, 'latin1');
const script = new Script(`(function (exports, require, module, __filename, __dirname) {${source}\n})`, {
  filename: bundle,
  cachedData: isKept ? readFileSync(kept) : undefined,
});
const module_ = { exports: {} };
script.runInThisContext()(module_.exports, createRequire(bundle), module_, bundle, dirname(bundle));

function keep() {
  if (existsSync(kept)) return;
  // Aside first: another process may read it at any moment.
  const aside = `${kept}.${process.pid}`;
  writeFileSync(aside, script.createCachedData());
  renameSync(aside, kept);
}
if (!isKept) {
  setTimeout(keep, STARTED_MS).unref();
  process.once('exit', keep);
}
module_.exports(entry);
