import type { ChainedEntry } from '../event-log/chain.js';
import { chainedEntry } from '../event-log/chain.js';

/** An entry of the stream as ioredis gives it: its id, then its fields and values. */
export type StreamEntry = readonly [id: Buffer, fields: readonly Buffer[]];

/** The entry from its fields `p` and `e`. Throws for one that Berth did not write. */
export function streamEntry([id, fields]: StreamEntry): ChainedEntry {
  const [, prev, , packed] = fields;
  if (prev === undefined || packed === undefined) {
    throw new Error(`entry ${id.toString()} of the log was not written by Berth; another program uses its keys`);
  }
  return chainedEntry(Number(prev.toString()), Number.parseInt(id.toString(), 10), packed);
}
