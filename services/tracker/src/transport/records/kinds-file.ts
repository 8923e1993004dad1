import { readFileSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Clock, Logger, Timer } from '@berth/kernel';
import { BerthError } from '@berth/kernel';
import { Kind as KindMessage } from '@berth/proto/berth/tracker/v1/record';
import { itemBytes, MAX_ANSWER_BYTES } from '@berth/server';
import type { Kind } from '../../domain/records/index.js';
import type { RecordKinds } from '../../app/records/record-kinds.js';
import { invalidKinds, readKinds } from './kinds-yaml.js';
import { kindOf } from './record-to-proto.js';

export interface KindsFileDeps {
  /** Its path; undefined: only the built-in kinds. */
  readonly path: string | undefined;
  readonly kinds: RecordKinds;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Editors write a file in several steps; it is read when they are over. */
const SETTLE_MS = 100;

/** The file of kinds: read at the start, and again whenever it changes and on SIGHUP. */
export class KindsFile {
  #text: string | undefined;
  #timer: Timer | undefined;
  #reading: Promise<void> = Promise.resolve();
  #close: (() => void) | undefined;

  constructor(private readonly deps: KindsFileDeps) {}

  /** Reads it and watches it from then on. Throws INVALID_CONFIG that names every fault. */
  async start(): Promise<void> {
    const { path, logger } = this.deps;
    if (path === undefined) {
      await this.deps.kinds.use([]);
      return;
    }
    await this.#read(path);
    // The folder, since editors and Kubernetes replace the file: a watch of the file itself would stay with the old one.
    const watcher = watch(dirname(path), { persistent: false }, () => {
      this.#soon();
    });
    watcher.on('error', (error) => {
      logger.warn({ err: error, file: path }, 'the file of kinds is not watched any more; SIGHUP reads it');
    });
    const onSignal = (): void => void this.reload();
    process.on('SIGHUP', onSignal);
    this.#close = () => {
      watcher.close();
      process.off('SIGHUP', onSignal);
    };
  }

  /** Reads it again. A file with faults changes nothing: they are logged, and the kinds of before stay in use. */
  reload(): Promise<void> {
    const { path, logger } = this.deps;
    if (path === undefined) return Promise.resolve();
    this.#reading = this.#reading.then(async () => {
      try {
        if (await this.#read(path)) logger.info({ file: path }, 'the kinds of records were read anew');
      } catch (error) {
        const what = error instanceof BerthError ? error.message : String(error);
        logger.error({ file: path, fault: what }, `${basename(path)} is not used, the kinds of before stay: ${what}`);
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
    this.#timer = this.deps.clock.after(SETTLE_MS, () => void this.reload());
  }

  /** Whether there was something new. */
  async #read(path: string): Promise<boolean> {
    const text = readText(path);
    if (text === this.#text) return false;
    const { kinds, faults, locate } = readKinds(text, basename(path));
    if (faults.length > 0) throw invalidKinds(faults);
    checkSize(kinds, path);
    const found = await this.deps.kinds.use(kinds);
    if (found.length > 0) {
      throw invalidKinds(
        found.map(({ kind, field, fault }) => {
          const at = ['kinds', kind, 'fields', field];
          return { where: locate(at), path: at.join('.'), message: fault };
        }),
      );
    }
    this.#text = text;
    return true;
  }
}

/** ListKinds tells of all kinds in one message. */
function checkSize(kinds: readonly Kind[], path: string): void {
  const bytes = kinds.map(kindOf).reduce((sum, kind) => sum + itemBytes(KindMessage)(kind), 0);
  if (bytes <= MAX_ANSWER_BYTES) return;
  const message = `its kinds take ${bytes} bytes in an answer; at most ${MAX_ANSWER_BYTES} (2 MiB) are allowed`;
  throw invalidKinds([{ where: basename(path), path: 'kinds', message }]);
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    const why = code === 'ENOENT' ? 'there is no such file' : `cannot be read (${code})`;
    throw invalidKinds([{ where: path, path: '', message: why }]);
  }
}
