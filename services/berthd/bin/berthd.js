#!/usr/bin/env node
// Node.js keeps what it compiled of the bundle, where it can (from 22.8 on): the next start is faster.
import module from 'node:module';
module.enableCompileCache?.();
await import('../dist/berthd.js');
