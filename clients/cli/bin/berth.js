#!/usr/bin/env node
// Runs the bundle that `npm run build` makes.
import { existsSync } from 'node:fs';
import module from 'node:module';

const bundle = new URL('../dist/berth.js', import.meta.url);
if (!existsSync(bundle)) {
  console.error('berth: it is not built yet\n  next: run `npm run build` in the folder of the repository');
  process.exit(1);
}
// Node.js keeps what it compiled of it, where it can (from 22.8 on): the next start is faster.
module.enableCompileCache?.();
await import(bundle.href);
