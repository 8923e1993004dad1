import { benchName } from '../servers/inventory.js';
import type { LockClient, LockServer } from './lock-clients.js';
import { lockClients } from './lock-clients.js';

export interface LockJob {
  readonly server: LockServer;
  readonly address: string;
  readonly clients: number;
  /** `own`: each client locks a name of its own. `one`: all of them want the same name. */
  readonly names: 'own' | 'one';
  readonly seconds: number;
  /** Number of the first client's name, so that several load processes do not share names. */
  readonly firstName: number;
}

export interface LockResult {
  readonly perSecond: number;
  /** From sending an unlock to the next client's lock; of `one` name only, in ms. */
  readonly handOffs: readonly number[];
}

/** Lets clients lock and unlock as fast as they can. */
export async function runLocks(job: LockJob): Promise<LockResult> {
  const { clients, close } = await lockClients(job.server, job.address, job.clients);
  try {
    // Connections are made before the clock starts.
    await Promise.all(clients.map(async (lock, i) => (await lock(nameOf(job, i)))()));
    return await lockInTurns(clients, job);
  } finally {
    close();
  }
}

async function lockInTurns(clients: readonly LockClient[], job: LockJob): Promise<LockResult> {
  const end = performance.now() + job.seconds * 1000;
  const handOffs: number[] = [];
  let cycles = 0;
  let unlockedAt: number | undefined;
  await Promise.all(
    clients.map(async (lock, i) => {
      while (performance.now() < end) {
        const unlock = await lock(nameOf(job, i));
        if (job.names === 'one') {
          if (unlockedAt !== undefined) handOffs.push(performance.now() - unlockedAt);
          unlockedAt = performance.now();
        }
        await unlock();
        if (performance.now() < end) cycles++;
      }
    }),
  );
  return { perSecond: cycles / job.seconds, handOffs };
}

function nameOf({ names, firstName }: LockJob, client: number): string {
  return benchName(names === 'one' ? firstName : firstName + client);
}
