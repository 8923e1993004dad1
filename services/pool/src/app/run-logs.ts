import { pages } from '@berth/documents';
import type { Clock, Logger, Timer } from '@berth/kernel';
import { orderedId } from '@berth/kernel';
import type { LogPart, Run } from '../domain/run.js';
import { partId, runPrefix } from '../domain/run.js';
import type { LogCollections } from '../ports/log-collections.js';
import { LOG_PARTS, RUNS } from '../ports/log-collections.js';
import { LogBuffer } from './log-buffer.js';

/** The time that output is held before it is stored. */
const STORE_AFTER_MS = 250;
/** So many logs of livechecks of a resource are kept. */
const KEPT_CHECKS = 10;
const PAGE = 500;

/** A run that begins. */
export type NewRun = Pick<Run, 'number' | 'pool' | 'hook' | 'attempt'>;
/** How a run ended. */
export type RunEnd = Pick<Run, 'code' | 'fault'>;

/** Where runs of commands are noted and what they write is kept, for every replica to read. */
export class RunLogs {
  readonly #ending = new Set<Promise<void>>();

  constructor(
    readonly collections: LogCollections,
    readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** The log of a run that begins now, of which at most `limitBytes` are kept: the first and the last half. */
  begin(run: NewRun, limitBytes: number): RunLog {
    const { collections, clock, logger } = this;
    return new RunLog(run, { collections, clock, logger, limitBytes });
  }

  /** Notes the end of a run, for which nobody has to wait. */
  end(log: RunLog, end: RunEnd | undefined): void {
    const ending = (end === undefined ? log.cancel() : log.end(end)).finally(() => this.#ending.delete(ending));
    this.#ending.add(ending);
  }

  /** Resolves when the ends of all runs so far are noted. */
  async settle(): Promise<void> {
    await Promise.all(this.#ending);
  }

  /** The runs of a resource that are still kept, the oldest first. */
  async runsOf(number: number): Promise<readonly Run[]> {
    const runs: Run[] = [];
    const query = { where: { id: { prefix: runPrefix(number) } }, limit: PAGE };
    for await (const page of pages(this.collections.runs, query)) runs.push(...page.map(({ value }) => value));
    return runs;
  }

  /** Removes runs that began before a time, with what they wrote. Resolves to how many. */
  async forget(untilMs: number, signal: AbortSignal): Promise<number> {
    let forgotten = 0;
    const query = { where: { startMs: { until: untilMs } }, orderBy: { field: 'startMs' }, limit: PAGE };
    for await (const page of pages(this.collections.runs, query)) {
      for (const { value } of page) {
        if (signal.aborted) return forgotten;
        await removeRun(this.collections, value.id);
        forgotten += 1;
      }
    }
    return forgotten;
  }
}

interface RunLogOptions {
  readonly collections: LogCollections;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limitBytes: number;
}

/**
 * The log of one run. It is written now and then while the run lasts, and nobody waits for that: a store that is away costs
 * some of the log, never the run.
 */
export class RunLog {
  readonly #run: Run;
  readonly #buffer: LogBuffer;
  readonly #halfBytes: number;
  /** Those of the last half, the oldest first. */
  readonly #tail: { readonly id: string; readonly bytes: number }[] = [];
  #tailBytes = 0;
  #places = 0;
  #revision: string | undefined;
  #timer: Timer | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(
    run: NewRun,
    private readonly options: RunLogOptions,
  ) {
    const startMs = options.clock.now();
    const { number, hook } = run;
    const id = orderedId(`${runPrefix(number)}r`, startMs);
    this.#run = { id, ...run, startMs, fault: '', ...(hook === 'livecheck' && { check: number }) };
    this.#buffer = new LogBuffer(options.limitBytes);
    this.#halfBytes = options.limitBytes >> 1;
  }

  add(chunk: Buffer): void {
    this.#buffer.add(chunk);
    this.#timer ??= this.options.clock.after(STORE_AFTER_MS, () => {
      this.#timer = undefined;
      this.#writing = this.#writing.then(() => this.#write('parts', () => this.#store()));
    });
  }

  /** Resolves when what was to be stored so far is, or cannot be. */
  flushed(): Promise<void> {
    return this.#writing;
  }

  /** Notes the end; resolves when all is stored, or cannot be. */
  async end({ code, fault }: RunEnd): Promise<void> {
    this.#timer?.cancel();
    const ended = { endMs: this.options.clock.now(), ...this.#run, ...(code !== undefined && { code }), fault };
    await this.#writing;
    await this.#write('end', () => this.#storeEnd(ended));
    if (ended.check !== undefined) await this.#write('checks', () => this.#forgetChecks(ended.number));
  }

  /** Notes that nothing was run: then there is no log. */
  async cancel(): Promise<void> {
    this.#timer?.cancel();
    await this.#writing;
    if (this.#revision !== undefined) await this.#write('all', () => removeRun(this.options.collections, this.#run.id));
  }

  async #store(): Promise<void> {
    const { runs, parts } = this.options.collections;
    if (this.#revision === undefined) {
      const [inserted] = await runs.insert([this.#run]);
      if (inserted?.outcome === 'inserted') this.#revision = inserted.revision;
    }
    const written = this.#newParts();
    if (written.length > 0) await parts.insert(written);
    for (let oldest = this.#tail[0]; oldest !== undefined; oldest = this.#tail[0]) {
      if (this.#tailBytes - oldest.bytes < this.#halfBytes) return;
      this.#tailBytes -= oldest.bytes;
      this.#tail.shift();
      await parts.remove(oldest.id);
    }
  }

  async #storeEnd(ended: Run): Promise<void> {
    const { runs, store } = this.options.collections;
    if (this.#revision !== undefined) {
      await this.#store();
      await runs.replace(ended, this.#revision);
      return;
    }
    const parts = this.#newParts().map((part) => ({ collection: LOG_PARTS, insert: part }));
    await store.writeAll<LogPart | Run>([...parts, { collection: RUNS, insert: ended }]);
  }

  #newParts(): readonly LogPart[] {
    return this.#buffer.take().map(({ offset, bytes }) => {
      const id = partId(this.#run.id, this.#places);
      this.#places += 1;
      if (offset >= this.#halfBytes) {
        this.#tail.push({ id, bytes: bytes.length });
        this.#tailBytes += bytes.length;
      }
      return { id, offset, data: bytes.toString('base64') };
    });
  }

  async #forgetChecks(check: number): Promise<void> {
    const { runs } = this.options.collections;
    const query = { where: { check }, orderBy: { field: 'startMs', descending: true }, limit: 2 * KEPT_CHECKS };
    const { documents } = await runs.find(query);
    for (const { value } of documents.slice(KEPT_CHECKS)) await removeRun(this.options.collections, value.id);
  }

  async #write(what: string, act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      const { id, pool, hook } = this.#run;
      this.options.logger.warn({ err: error, run: id, pool, hook, what }, 'a part of the log of a command is lost');
    }
  }
}

/** Removes a run, last: until then it is found again. */
async function removeRun({ runs, parts }: LogCollections, id: string): Promise<void> {
  for await (const page of pages(parts, { where: { id: { prefix: `${id}/` } }, limit: PAGE })) {
    await Promise.all(page.map(({ value }) => parts.remove(value.id)));
  }
  await runs.remove(id);
}
