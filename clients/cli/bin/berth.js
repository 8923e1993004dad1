#!/usr/bin/env node
// Runs the bundle that `npm run build` makes.
import { existsSync } from 'node:fs';

const bundle = new URL('../dist/berth.js', import.meta.url);
if (!existsSync(bundle)) {
  console.error('berth: it is not built yet\n  next: run `npm run build` in the folder of the repository');
  process.exit(1);
}
await import(bundle.href);
