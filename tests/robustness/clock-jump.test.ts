import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Berth } from '@berth/client';
import { connect } from '@berth/client';
import { leaveOut, tempFolder, until } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { openAcquire, ttl } from '../driver/acquire-call.js';
import { inventoryOf } from '../driver/benches.js';
import { berthdOf } from '../driver/engines.js';

const LIBRARY = [
  '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1',
  '/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1',
].find((path) => existsSync(path));
const TTL_SECONDS = 3;

/** Variables that give a process a wall clock of its own, and the function that sets it. */
function ownClock(t: ExecutionContext): { env: Record<string, string>; set: (offset: string) => void } {
  const file = join(tempFolder(t), 'faketime');
  const set = (offset: string): void => {
    writeFileSync(file, `${offset}\n`);
  };
  set('+0');
  const env = {
    LD_PRELOAD: LIBRARY ?? '',
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  };
  return { env, set };
}

/** Takes a TTL lease, does something, and answers how long the lease lived, at most by this process's own clock. */
async function lifetimeMs(berth: Berth, meanwhile: () => void | Promise<void>): Promise<number> {
  const sentMs = performance.now();
  const { id } = await openAcquire(berth, ttl(TTL_SECONDS, { requirements: [{ bench: 'b1' }] })).granted();
  await meanwhile();
  await until(
    async () => {
      const { leases } = await berth.lease.listLeases({});
      return leases.every((lease) => lease.id !== id);
    },
    { what: 'the end of the lease', timeoutMs: 60_000 },
  );
  return performance.now() - sentMs;
}

if (LIBRARY === undefined) {
  leaveOut(test, 'faketime');
} else {
  for (const offset of ['+1h', '-1h']) {
    test(`a wall clock that jumps by ${offset} ends no TTL lease early, and none late`, async (t) => {
      const { env, set } = ownClock(t);
      const berthd = await berthdOf(t, { inventory: inventoryOf(1), env });
      await using berth = connect({ address: berthd.address });
      const livedMs = await lifetimeMs(berth, () => set(offset));
      t.log(`lived ${livedMs.toFixed(0)} ms`);
      t.true(livedMs >= TTL_SECONDS * 1000);
    });

    test(`a restart with a wall clock that is off by ${offset} keeps TTL leases, and tokens rise`, async (t) => {
      const { env, set } = ownClock(t);
      const berthd = await berthdOf(t, { inventory: inventoryOf(2), env });
      const before = connect({ address: berthd.address });
      const other = await openAcquire(before, ttl(1, { requirements: [{ bench: 'b2' }] })).granted();
      await before.lease.release({ leaseId: other.id });
      const livedMs = await lifetimeMs(before, async () => {
        await berthd.kill('SIGKILL');
        set(offset);
        await berthd.start(env);
      });
      t.true(livedMs >= TTL_SECONDS * 1000);
      // Else the process did not see the other clock.
      const restartedAt = [...berthd.log.matchAll(/"time":"([^"]+)".*"serving"/g)].at(-1)?.[1] ?? '';
      t.true(Math.abs(Date.parse(restartedAt) - Date.now()) > 1_800_000);
      before.close();
      await using after = connect({ address: berthd.address });
      const { fencingToken } = await openAcquire(after, ttl(1, { requirements: [{ bench: 'b2' }] })).granted();
      t.true(fencingToken > other.fencingToken);
    });
  }
}
