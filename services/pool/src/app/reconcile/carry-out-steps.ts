import * as life from '../../domain/life.js';
import type { PoolOptions } from '../../domain/options/options.js';
import type { Resource } from '../../domain/resource.js';
import type { Step } from '../../domain/world.js';
import { dataProperty } from '../../domain/hook-output.js';
import type { Flights } from './flights.js';
import type { Labs } from './labs.js';
import type { Office } from './reconcile-context.js';
import type { Rows } from './rows.js';
import { VainSteps } from './vain-steps.js';

/** A bench that was not removed since somebody wants it is asked about again after this. */
const KEPT_MS = 1000;
/** The watch tells of what a call did within this; else the call is made again. */
const TOLD_MS = 3000;

type StepFor = Exclude<Step, { readonly do: 'removeStray' }>;

/** Carries out the steps of plans, each beside the others; of a resource one at a time. */
export class StepCarrier {
  readonly #busy = new Set<number>();
  readonly #checks = new Set<number>();
  readonly #strays = new Set<string>();
  readonly #keptUntilMs = new Map<number, number>();
  readonly #vain: VainSteps;

  constructor(
    private readonly office: Office,
    private readonly rows: Rows,
    private readonly labs: Labs,
    private readonly flights: Flights,
    private readonly optionsOf: (pool: string) => PoolOptions | undefined,
  ) {
    this.#vain = new VainSteps(office, rows);
  }

  get busy(): ReadonlySet<number> {
    return this.#busy;
  }

  get keptUntilMs(): ReadonlyMap<number, number> {
    return this.#keptUntilMs;
  }

  /** Begins a step, unless something is being done about that resource. */
  take(step: Step): void {
    if (step.do === 'removeStray') {
      this.#removeStray(step.lab, step.name);
      return;
    }
    const { number } = step;
    if (step.do === 'abort') this.flights.abort(step.run);
    else if (step.do === 'run' && step.hook === 'livecheck') this.#begin(this.#checks, number, step);
    else this.#begin(this.#busy, number, step);
  }

  /** A resource has ended. */
  forget(number: number): void {
    this.#keptUntilMs.delete(number);
    this.#vain.forget(number);
  }

  #begin(busy: Set<number>, number: number, step: StepFor): void {
    const resource = this.rows.get(number);
    if (resource === undefined || busy.has(number) || this.#vain.isResting(number, resource)) return;
    busy.add(number);
    void this.#carryOut(step, resource)
      .then(() => {
        this.#vain.done(number, resource, step.do);
      })
      .catch((error: unknown) => {
        const isCall = !['note', 'change', 'run', 'recover'].includes(step.do);
        if (isCall) this.labs.callFailed(resource.lab, error);
        else
          this.office.context.logger.warn(
            { err: error, number, step: step.do },
            'a step for a resource failed; it is tried again',
          );
      })
      .finally(() => {
        busy.delete(number);
        this.office.wake();
      });
  }

  async #carryOut(step: StepFor, resource: Resource): Promise<void> {
    const { context } = this.office;
    const { number, lab, name } = resource;
    switch (step.do) {
      case 'note':
        // Planned again before a write that is under way has ended, it would come to nothing again and again.
        if (!this.rows.note(number, (now) => (now === resource ? step.next : undefined)))
          await this.rows.settled(number);
        return;
      case 'change':
        await this.rows.change(number, (now) => (now === resource ? step.next : undefined));
        return;
      case 'run':
        await this.#run(resource, step);
        return;
      case 'recover':
        await this.#recover(resource, step.released);
        return;
      case 'createBench':
        await this.#createBench(resource);
        return;
      case 'deleteBench': {
        const isGone = await context.lab.deleteBench(lab, name, step.how, step.reason);
        if (!isGone) {
          this.#keptUntilMs.set(number, context.clock.now() + KEPT_MS);
          return;
        }
        this.labs.removed(lab, name);
        // Stored with the run of `cmd_delete`. Lost before, it is found out again: the bench is gone.
        this.rows.note(number, (now) =>
          now.state === 'UP' || now.state === 'RELEASING'
            ? life.toDeleting(this.#over(now, step.token, true), step.reason, context.clock.now())
            : undefined,
        );
        return;
      }
      case 'finishCleaning':
        // One whose lock is lost may not say it: the next process takes what it does not know for dirty.
        if (!this.office.lock.isHeld()) return;
        await context.lab.finishCleaning(lab, name, step.token, step.affinity);
        await this.labs.until(lab, ({ benches }) => benches.get(name)?.cleaningToken !== step.token, TOLD_MS);
        return;
      case 'quarantine':
        await context.lab.setQuarantine(lab, name, step.etag, step.reason);
        await this.labs.until(lab, ({ benches }) => benches.get(name)?.etag !== step.etag, TOLD_MS);
        return;
      case 'abort':
    }
  }

  /** Begins a command; resolves when its row knows of it, or it did not begin. */
  async #run({ number, pool }: Resource, { hook, token }: StepFor & { readonly do: 'run' }): Promise<void> {
    const options = this.optionsOf(pool);
    if (options === undefined) return;
    const run = this.flights.reserve(hook);
    const prepare = (now: Resource): Resource | undefined =>
      mayRun(now, hook, token) ? this.#over(now, token, false) : undefined;
    await this.flights.begin(number, options, run, prepare);
  }

  /** The resource after its lease of this token, if there is one. */
  #over(resource: Resource, token: number | undefined, isReleased: boolean): Resource {
    if (token === undefined || resource.state !== 'UP') return resource;
    return life.leaseOver(resource, token, isReleased, this.office.context.clock.now());
  }

  async #recover(resource: Resource, released: boolean): Promise<void> {
    const { runner, clock } = this.office.context;
    const lost = [resource.running, resource.checking].filter(
      (run) => run !== undefined && !this.flights.runs.has(run.run),
    );
    for (const run of lost) if (run?.process !== undefined && run.host === runner.host) await runner.kill(run.process);
    const runs = lost.map((run) => run?.run);
    await this.rows.change(resource.number, (now) => {
      const isSame = runs.every((run) => run === undefined || life.runOf(now, run) !== undefined);
      return isSame && now.state === resource.state ? life.recovered(now, released, clock.now()) : undefined;
    });
  }

  async #createBench({ number, lab, name, pool, tags, data }: Resource): Promise<void> {
    const { lab: client, clock } = this.office.context;
    const attributes = tags.map(({ name: tag, priority }) => ({ name: tag, weight: priority }));
    const bench = { lab, name, pool, attributes, properties: dataProperty(data), labels: {} };
    const revision = await client.createBench({ ...bench, requestId: `pool-resource-${number}` });
    // Asked again, it is the same bench.
    this.rows.note(number, (now) =>
      now.supply === undefined ? undefined : life.benchFree(now, revision, clock.now()),
    );
  }

  #removeStray(lab: string, name: string): void {
    const key = `${lab}/${name}`;
    if (this.#strays.has(key)) return;
    this.#strays.add(key);
    const { lab: client, logger } = this.office.context;
    void client
      .deleteBench(lab, name, 'force', 'its pool knows nothing of it')
      .then(() => {
        logger.warn({ lab, name }, 'a bench of a pool that no resource had was removed');
        this.labs.removed(lab, name);
      })
      .catch((error: unknown) => {
        this.labs.callFailed(lab, error);
      })
      .finally(() => this.#strays.delete(key));
  }
}

/** Whether a command that was planned may still be begun; with a token, after the lease of that token. */
function mayRun(
  { state, running, checking, released, doom, lease }: Resource,
  hook: 'release' | 'delete' | 'livecheck',
  token: number | undefined,
): boolean {
  if (hook === 'livecheck') return state === 'UP' && checking === undefined && doom === undefined;
  if (running !== undefined) return false;
  if (hook === 'delete') return (state === 'DELETING' || state === 'DELETE_FAILED') && checking === undefined;
  if (doom !== undefined && doom.unused !== true) return false;
  if (state === 'UP') return token !== undefined && (lease === undefined || lease.fencingToken <= token);
  return state === 'RELEASING' && released !== true;
}
