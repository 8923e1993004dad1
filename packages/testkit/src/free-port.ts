import { createServer } from 'node:net';

/**
 * Below those that Linux (32768) and other systems (49152) give to outgoing connections: of these any process may take one at
 * any moment, also between a server's end and its restart.
 */
const FIRST = 10_240;
const LAST = 32_767;
const MOST_TRIES = 50;

/** A TCP port of 127.0.0.1 that nobody listened on a moment ago, by chance. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const port = FIRST + Math.floor(Math.random() * (LAST + 1 - FIRST));
    if (await isFree(port)) return port;
  }
  throw new Error(`no free port between ${String(FIRST)} and ${String(LAST)} in ${String(MOST_TRIES)} tries`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen(port, '127.0.0.1', () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}
