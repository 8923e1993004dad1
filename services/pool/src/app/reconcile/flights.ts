import { pause, randomId } from '@berth/kernel';
import type { HookOutcome } from '../../domain/hook-outcome.js';
import * as life from '../../domain/life.js';
import type { PoolOptions } from '../../domain/options/options.js';
import type { GroupLeader, Resource, ResourceHook } from '../../domain/resource.js';
import { runHook } from '../run-hook.js';
import type { PoolDocuments } from './pool-documents.js';
import type { Office } from './reconcile-context.js';
import type { Rows } from './rows.js';
import type { Teller } from './teller.js';

/** An outcome that could not be stored is tried again after this. */
const RETRY_MS = 500;

/** What a resource becomes; undefined = it stays as it is. */
type Plan = (resource: Resource) => Resource | undefined;

/** A resource as it is right before its command begins; undefined = that may not begin any more. */
type Prepare = Plan;

interface Task {
  readonly number: number;
  readonly options: PoolOptions;
  readonly run: string;
  /** Its row, when that is not there yet. */
  readonly row?: Resource;
  readonly prepare?: Prepare | undefined;
  /** Called when the row knows of the run. */
  readonly known?: () => void;
  readonly store?: StoreStart;
}

/**
 * Stores the row of a start once its processes wait for the word, or could not be started; false = it is not stored, and does not
 * begin. Called again it answers the same.
 */
type StoreStart = (process: GroupLeader | undefined) => Promise<boolean>;

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

  /** A run that is to begin. */
  reserve(hook: ResourceHook): string {
    const run = randomId('run');
    this.#flights.set(run, { hook, stop: new AbortController() });
    return run;
  }

  abort(run: string): void {
    this.#flights.get(run)?.stop.abort(new Error('it is not needed any more'));
  }

  /**
   * Runs a command. Its row comes to know of the run when the processes wait for the word, as `prepare` makes it then. Resolves
   * when the row knows, or the run is over.
   */
  begin(number: number, options: PoolOptions, run: string, prepare: Prepare): Promise<void> {
    return new Promise((known) => {
      void this.#fly({ number, options, run, prepare, known }).finally(known);
    });
  }

  /** Runs the command that makes a resource, whose row is not there yet. */
  launch(row: Resource, options: PoolOptions, store: StoreStart): void {
    const { number, running } = row;
    void this.#fly({ number, options, run: running?.run ?? '', row, store }).finally(() => store(undefined));
  }

  #fly(task: Task): Promise<void> {
    const { number, run } = task;
    const running = this.#run(task)
      .catch((error: unknown) => {
        this.office.context.logger.error({ err: error, number, run }, 'a command of a resource got lost');
      })
      .finally(() => {
        this.#flights.delete(run);
        this.#running.delete(running);
        this.office.wake();
      });
    this.#running.add(running);
    return running;
  }

  /** Resolves when nothing runs any more, after the end of the office: all that runs is ended by that. */
  async settle(): Promise<void> {
    await Promise.all(this.#running);
  }

  async #run(task: Task): Promise<void> {
    const { number, options, run, store } = task;
    const { context, signal: over } = this.office;
    const flight = this.#flights.get(run);
    const row = flight && (task.row ?? this.#begun(task, this.rows.get(number), flight.hook));
    const running = row && life.runOf(row, run);
    if (row === undefined || flight === undefined || running === undefined) return;
    const { hook, attempt } = running;
    await context.failpoint(hook === 'delete' ? 'pool.beforeDelete' : 'pool.beforeSpawn');
    const signal = AbortSignal.any([flight.stop.signal, over]);
    let isStarted = false;
    const started = async (process: GroupLeader): Promise<void> => {
      isStarted = true;
      await this.#started(task, hook, process);
    };
    const begunMs = context.clock.monotonic();
    const outcome = await runHook(context, { row, options, hook, attempt, started, signal }).catch(
      (error: unknown): HookOutcome => {
        return { verdict: 'unsure', fault: error instanceof Error ? error.message : String(error), data: '' };
      },
    );
    const isStored = store === undefined || (await store(undefined));
    // What ends with the office ends as after a crash: the next one finds it in the row.
    if (over.aborted || !isStored) return;
    if (hook === 'new') await context.failpoint('pool.beforeUp');
    if (hook === 'delete') await context.failpoint('pool.deleted');
    const isAborted = flight.stop.signal.aborted;
    // Written in the same turn as the outcome: one wait for the disk.
    const counted =
      hook === 'new' && !isAborted
        ? this.#counted(options, outcome, context.clock.monotonic() - begunMs)
        : Promise.resolve();
    await this.#ended(number, hook === 'release' && outcome.verdict === 'ok', (resource) => {
      // One that could not even be started has failed as well, and its row does not know of it yet.
      const known = isStarted ? resource : this.#begun(task, resource, hook);
      if (known === undefined || life.runOf(known, run) === undefined) return undefined;
      if (hook === 'livecheck' && isAborted) return life.withoutCheck(known, context.clock.now());
      return life.afterHook(known, hook, outcome, options, context.clock.now());
    });
    await counted;
    if (hook === 'new') await context.failpoint('pool.up');
  }

  /** Notes how a start has ended; when that cannot be stored, it is not counted. */
  async #counted(options: PoolOptions, outcome: HookOutcome, tookMs: number): Promise<void> {
    try {
      await this.documents.startEnded(options, outcome, tookMs);
    } catch (error) {
      this.office.context.logger.warn({ err: error, pool: options.name }, 'the end of a start is not counted');
    }
  }

  /** The row as it is when it knows of the run; undefined when that may not begin any more. */
  #begun({ run, prepare }: Task, resource: Resource | undefined, hook: ResourceHook): Resource | undefined {
    if (resource === undefined || life.runOf(resource, run) !== undefined || prepare === undefined) return resource;
    const { runner, clock } = this.office.context;
    const prepared = prepare(resource);
    return prepared && life.begun(prepared, hook, run, runner.host, clock.now());
  }

  /** Stores the processes of a run, if it may still begin. */
  async #started(task: Task, hook: ResourceHook, process: GroupLeader): Promise<void> {
    const { number, run, options, known, store } = task;
    const { lock, context } = this.office;
    const plan = (now: Resource): Resource | undefined => {
      const resource = this.#begun(task, now, hook);
      if (resource === undefined || life.runOf(resource, run) === undefined) return undefined;
      return life.spawned(resource, run, process, options.timeoutsMs[hook], context.clock.now());
    };
    if (!lock.isHeld()) throw new Error('another process may reconcile by now');
    if (store !== undefined) {
      if (!(await store(process))) throw new Error('its row is not stored');
      await this.teller.announce(number);
    } else if ((await this.rows.change(number, plan)) === undefined) {
      throw new Error('its row knows of something else by now');
    }
    known?.();
    await context.failpoint('pool.spawned');
    if (!lock.isHeld()) throw new Error('another process may reconcile by now');
  }

  /**
   * Stores the outcome of a run, unless its row knows of something else by now. That a release went well is only noted: the bench
   * tells it as soon as it is said there. A process that dies before finds the bench as it was, and the resource is deleted.
   */
  async #ended(number: number, isReleased: boolean, plan: Plan): Promise<void> {
    const { context, signal } = this.office;
    while (!signal.aborted) {
      try {
        if (!isReleased || !this.rows.note(number, plan)) await this.rows.change(number, plan);
        return;
      } catch (error) {
        context.logger.warn({ err: error, number }, 'the outcome of a command cannot be stored; it is tried again');
        await pause(context.clock, RETRY_MS, signal);
      }
    }
  }
}
