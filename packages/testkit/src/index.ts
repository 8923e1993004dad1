export type { FakeClock } from './fake-clock.js';
export { fakeClock } from './fake-clock.js';
export { findProgram } from './find-program.js';
export { freePort } from './free-port.js';
export type { RedisServer, RedisServerOptions } from './redis-server.js';
export { startRedisServer } from './redis-server.js';
export { requireServer } from './require-server.js';
export { until } from './until.js';
