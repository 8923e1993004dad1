import { pause, randomId } from '@berth/kernel';
import type { HookOutcome } from '../../domain/hook-outcome.js';
import * as life from '../../domain/life.js';
import type { PoolOptions } from '../../domain/options/options.js';
import type { Resource, ResourceHook } from '../../domain/resource.js';
import { runHook } from '../run-hook.js';
import type { PoolDocuments } from './pool-documents.js';
import type { Office } from './reconcile-context.js';
import type { Rows } from './rows.js';
import type { Teller } from './teller.js';

/** An outcome that could not be stored is tried again after this. */
const RETRY_MS = 500;

interface Flight {
  readonly hook: ResourceHook;
  readonly stop: AbortController;
}

/** The commands that this process runs for resources. */
export class Flights {
  readonly #flights = new Map<string, Flight>();
  readonly #running = new Set<Promise<void>>();

  constructor(
    private readonly office: Office,
    private readonly rows: Rows,
    private readonly documents: PoolDocuments,
    private readonly teller: Teller,
  ) {}

  /** The runs, as the plan knows them. */
  get runs(): ReadonlySet<string> {
    return new Set(this.#flights.keys());
  }

  /** A run that is to begin once its row is written. */
  reserve(hook: ResourceHook): string {
    const run = randomId('run');
    this.#flights.set(run, { hook, stop: new AbortController() });
    return run;
  }

  /** Its row was not written: nothing was run. */
  cancel(run: string): void {
    this.#flights.delete(run);
    this.office.wake();
  }

  abort(run: string): void {
    this.#flights.get(run)?.stop.abort(new Error('it is not needed any more'));
  }

  /** Runs the command of a row that knows of the run. */
  begin(number: number, options: PoolOptions, run: string): void {
    const running = this.#run(number, options, run)
      .catch((error: unknown) => {
        this.office.context.logger.error({ err: error, number, run }, 'a command of a resource got lost');
      })
      .finally(() => {
        this.#flights.delete(run);
        this.#running.delete(running);
        this.office.wake();
      });
    this.#running.add(running);
  }

  /** Resolves when nothing runs any more, after the end of the office: all that runs is ended by that. */
  async settle(): Promise<void> {
    await Promise.all(this.#running);
  }

  async #run(number: number, options: PoolOptions, run: string): Promise<void> {
    const { context, signal: over } = this.office;
    const row = this.rows.get(number);
    const flight = this.#flights.get(run);
    const running = row && life.runOf(row, run);
    if (row === undefined || flight === undefined || running === undefined) return;
    const { hook, attempt } = running;
    if (hook === 'new') await this.teller.announce(number);
    await context.failpoint(hook === 'delete' ? 'pool.beforeDelete' : 'pool.beforeSpawn');
    const signal = AbortSignal.any([flight.stop.signal, over]);
    const started = (process: { readonly pid: number; readonly startTime: string }) =>
      this.#started(number, run, options.timeoutsMs[hook], process);
    const begunMs = context.clock.monotonic();
    const outcome = await runHook(context, { row, options, hook, attempt, started, signal }).catch(
      (error: unknown): HookOutcome => {
        return { verdict: 'unsure', fault: error instanceof Error ? error.message : String(error), data: '' };
      },
    );
    // What ends with the office ends as after a crash: the next one finds it in the row.
    if (over.aborted) return;
    if (hook === 'new') await context.failpoint('pool.beforeUp');
    if (hook === 'delete') await context.failpoint('pool.deleted');
    const isAborted = flight.stop.signal.aborted;
    await this.#ended(number, run, (resource) =>
      hook === 'livecheck' && isAborted
        ? life.withoutCheck(resource, context.clock.now())
        : life.afterHook(resource, hook, outcome, options, context.clock.now()),
    );
    if (hook !== 'new') return;
    await context.failpoint('pool.up');
    if (!isAborted) await this.documents.startEnded(options, outcome, context.clock.monotonic() - begunMs);
  }

  /** Stores the processes of a run, if it may still begin. */
  async #started(
    number: number,
    run: string,
    timeoutMs: number,
    process: { readonly pid: number; readonly startTime: string },
  ) {
    const { lock, context } = this.office;
    const plan = (resource: Resource): Resource | undefined =>
      life.runOf(resource, run) && life.spawned(resource, run, process, timeoutMs, context.clock.now());
    if (!lock.isHeld()) throw new Error('another process may reconcile by now');
    if ((await this.rows.change(number, plan)) === undefined) throw new Error('its row knows of something else by now');
    await context.failpoint('pool.spawned');
    if (!lock.isHeld()) throw new Error('another process may reconcile by now');
  }

  /** Stores the outcome of a run, unless its row knows of something else by now. */
  async #ended(number: number, run: string, plan: (resource: Resource) => Resource): Promise<void> {
    const { context, signal } = this.office;
    const guarded = (resource: Resource) => (life.runOf(resource, run) === undefined ? undefined : plan(resource));
    while (!signal.aborted) {
      try {
        await this.rows.change(number, guarded);
        return;
      } catch (error) {
        context.logger.warn({ err: error, number }, 'the outcome of a command cannot be stored; it is tried again');
        await pause(context.clock, RETRY_MS, signal);
      }
    }
  }
}
