import { redlockLocks } from './redlock-locks.js';

// A child process of redlock-locks.test.ts: takes the lock `work` on the servers named by its arguments and tells `held`,
// and `lost` when it learns that it has it no more.
const [ttlMs, ...urls] = process.argv.slice(2);
const locks = await redlockLocks({ urls });
const held = await locks.acquire('work', Number(ttlMs));
held?.signal.addEventListener('abort', () => process.send?.('lost'));
process.send?.(held === undefined ? 'refused' : 'held');
