import type { LabClient } from '../src/ports/lab-client.js';
import { POOL_USER } from '../src/domain/resource-steps.js';
import type { SimulatedLab } from './simulated-lab.js';

/** A simulated lab as pools use it, whichever lab they name. `changed` is to be called after what others do to it. */
export function simulatedLabClient(lab: SimulatedLab): { readonly client: LabClient; readonly changed: () => void } {
  const watching = new Set<() => void>();
  const changed = (): void => {
    for (const wake of [...watching]) wake();
  };
  const done = <T>(answer: T): Promise<T> => {
    changed();
    return Promise.resolve(answer);
  };

  /** Tells what is seen whenever it is newer, until the signal aborts. */
  async function* watch<T extends { readonly revision: number }>(
    see: () => T,
    signal: AbortSignal,
  ): AsyncGenerator<T, void, undefined> {
    let told = -1;
    while (!signal.aborted) {
      const seen = see();
      if (seen.revision > told) {
        told = seen.revision;
        yield seen;
      } else await more(() => lab.revision > told, signal);
    }
  }

  function more(holds: () => boolean, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        if (!holds() && !signal.aborted) return;
        watching.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      watching.add(wake);
      signal.addEventListener('abort', wake);
      wake();
    });
  }

  const client: LabClient = {
    watchBenches: (_, signal) => watch(() => lab.seenBenches(), signal),
    watchDemand: (_, signal) => watch(() => lab.seenDemand(), signal),
    createBench: ({ name, pool, attributes }) =>
      done(lab.createBench(name, pool, new Map(attributes.map((tag) => [tag.name, tag.weight])))),
    deleteBench: (_, name, how) => done(lab.deleteBench(name, how)),
    finishCleaning: (_, name, token, affinity) => {
      lab.finishCleaning(name, token, affinity);
      return done(true);
    },
    setQuarantine: (_, name, _etag, reason) => {
      lab.setCondition(name, reason === undefined ? 'READY' : 'QUARANTINED', POOL_USER);
      return done(true);
    },
    putOffer: (_, offer) => {
      lab.putOffer(offer);
      return done(undefined);
    },
    deleteOffer: (_, pool) => {
      lab.offers.delete(pool);
      return done(undefined);
    },
  };
  return { client, changed };
}
