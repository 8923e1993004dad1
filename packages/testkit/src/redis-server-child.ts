import { startRedisServer } from './redis-server.js';

// A child process of redis-server.test.ts: starts a server and tells where it is, then waits to be killed.
const { pid, dir } = await startRedisServer();
process.send?.({ pid, dir });
