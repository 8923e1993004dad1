import { hash } from 'node:crypto';
import { basename } from 'node:path';
import type { Clock, Logger } from '@berth/kernel';
import { BerthError, pause } from '@berth/kernel';
import { readTextFile, WatchedFile } from '@berth/server';
import type { PoolsInForce } from '../../app/pools-in-force.js';
import { invalidPools, POOLS_FILE, readPools } from './read-pools.js';

/** A file that could not be read is tried again after this time. */
const AGAIN_MS = 10_000;
const STORE_AGAIN_MS = 1000;

/** The file of pools of this process. It counts while this process is the one that reconciles. */
export interface PoolsFile {
  /**
   * Looks whether the file is good. Throws INVALID_CONFIG when it cannot be read, and INVALID_POOLS with every fault, unless
   * pools are in force already: then it is logged, and they stay.
   */
  check(): Promise<void>;
  /**
   * Takes the file, and again whenever it changes and on SIGHUP, until the signal aborts. One that was the last to be taken is
   * not taken again, and one with faults changes nothing: that is logged, and told to those who ask what is in force.
   */
  lead(signal: AbortSignal): Promise<void>;
  /** Ends what `check` began. */
  stop(): void;
}

export function poolsFile(path: string, inForce: PoolsInForce, clock: Clock, logger: Logger): PoolsFile {
  const name = basename(path);
  const refused = (fault: string): void => {
    logger.error({ file: path, fault }, `${name} is not used, the pools in force stay as they were: ${fault}`);
  };
  const take = async (text: string, signal: AbortSignal): Promise<void> => {
    const { pools, faults, warnings } = await readPools(text, name);
    for (const warning of warnings) logger.warn({ file: path }, warning);
    const fault = faults.length === 0 ? '' : invalidPools(faults).message;
    if (fault !== '') refused(fault);
    const taken = () => inForce.takeFile(pools, hash('sha256', text, 'base64url'));
    await untilDone(fault === '' ? taken : () => inForce.noteFileFault(fault), clock, logger, signal);
  };
  // The one that reconciles reads its file on this signal; others must not be ended by it.
  const ignore = (): void => undefined;
  return {
    check: async () => {
      process.on('SIGHUP', ignore);
      try {
        const { faults } = await readPools(readTextFile(path, POOLS_FILE), name);
        if (faults.length > 0) throw invalidPools(faults);
      } catch (error) {
        if (!(error instanceof BerthError) || inForce.document.origin === '') throw error;
        refused(error.message);
      }
    },
    lead: async (signal) => {
      while (!signal.aborted) {
        const taking = (text: string) => take(text, signal);
        const file = new WatchedFile({ path, what: POOLS_FILE, take: taking, clock, logger });
        try {
          await file.start();
          await pause(clock, Infinity, signal);
        } catch (error) {
          const fault = error instanceof BerthError ? error.message : String(error);
          refused(fault);
          await inForce.noteFileFault(fault).catch(() => undefined);
          await pause(clock, AGAIN_MS, signal);
        } finally {
          await file.stop();
        }
      }
    },
    stop: () => {
      process.off('SIGHUP', ignore);
    },
  };
}

/** Does something with the store, again and again while that is away; a change of the file is not told twice. */
async function untilDone(
  act: () => Promise<unknown>,
  clock: Clock,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await act();
      return;
    } catch (error) {
      logger.warn({ err: error }, 'the file of pools could not be taken yet; it is tried again');
      await pause(clock, STORE_AGAIN_MS, signal);
    }
  }
}
