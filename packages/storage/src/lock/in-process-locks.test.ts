import test from 'ava';
import { testLocks } from './conformance.js';
import { inProcessLocks } from './in-process-locks.js';

testLocks(test, {
  start() {
    const locks = inProcessLocks();
    return Promise.resolve({ locks, more: () => Promise.resolve(locks), stop: () => locks.close() });
  },
});
