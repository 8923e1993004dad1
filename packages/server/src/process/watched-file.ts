import { readFileSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Clock, Logger, Timer } from '@berth/kernel';
import { BerthError } from '@berth/kernel';
import { whyUnreadable } from '../yaml/yaml-file.js';
import { invalidConfig } from './config-faults.js';

export interface WatchedFileOptions {
  readonly path: string;
  /** What it is called in messages: "the file of kinds". */
  readonly what: string;
  /** Takes a text that is new. When it throws, what was taken before stays in use. */
  readonly take: (text: string) => Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Editors write a file in several steps; it is read when they are over. */
const SETTLE_MS = 100;

/** A file that is read at the start, and again whenever it changes and on SIGHUP. */
export class WatchedFile {
  #text: string | undefined;
  #timer: Timer | undefined;
  #reading: Promise<void> = Promise.resolve();
  #close: (() => void) | undefined;

  constructor(private readonly options: WatchedFileOptions) {}

  /** Reads the file and watches it from then on. Throws what `take` throws, and INVALID_CONFIG when it cannot be read. */
  async start(): Promise<void> {
    const { path, what, logger } = this.options;
    await this.#read();
    // The folder, since editors and Kubernetes replace the file: a watch of the file itself would stay with the old one.
    const watcher = watch(dirname(path), { persistent: false }, () => {
      this.#soon();
    });
    watcher.on('error', (error) => {
      logger.warn({ err: error, file: path }, `${what} is not watched any more; SIGHUP reads it`);
    });
    const onSignal = (): void => void this.reload();
    process.on('SIGHUP', onSignal);
    this.#close = () => {
      watcher.close();
      process.off('SIGHUP', onSignal);
    };
    // It may have changed after it was read, and before it was watched.
    void this.reload();
  }

  /** Reads the file again. One with faults changes nothing: they are logged, and what was taken before stays in use. */
  reload(): Promise<void> {
    const { path, what, logger } = this.options;
    this.#reading = this.#reading.then(async () => {
      try {
        if (await this.#read()) logger.info({ file: path }, `${what} was read again`);
      } catch (error) {
        const fault = error instanceof BerthError ? error.message : String(error);
        logger.error({ file: path, fault }, `${basename(path)} is not used, what it said before stays: ${fault}`);
      }
    });
    return this.#reading;
  }

  async stop(): Promise<void> {
    this.#close?.();
    this.#timer?.cancel();
    await this.#reading;
  }

  #soon(): void {
    this.#timer?.cancel();
    this.#timer = this.options.clock.after(SETTLE_MS, () => void this.reload());
  }

  /** Whether there was something new. */
  async #read(): Promise<boolean> {
    const text = readTextFile(this.options.path, this.options.what);
    if (text === this.#text) return false;
    await this.options.take(text);
    this.#text = text;
    return true;
  }
}

/** The text of a file; `what` is what it is called in messages. Throws INVALID_CONFIG when it cannot be read. */
export function readTextFile(path: string, what: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw invalidConfig([{ where: path, path: '', message: whyUnreadable(error) }], what, 'nothing of it is used');
  }
}
