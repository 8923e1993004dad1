import { startBerthd } from './start-berthd.js';

// A child process of die-with-us.test.ts: starts berthd and tells where it is, then waits to be killed.
const { port } = await startBerthd();
process.send?.({ port });
