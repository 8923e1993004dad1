import { pages } from '@berth/documents';
import { pause } from '@berth/kernel';
import type { Resource } from '../../domain/resource.js';
import { isLive, RESOURCE_STATES } from '../../domain/resource.js';
import type { Stored } from '../../ports/collections.js';
import type { Office } from './reconcile-context.js';

const PAGE = 1000;
/** What was noted is stored so soon. */
const STORE_MS = 100;
const LONG_MS = 60_000;
const LIVE = RESOURCE_STATES.filter((state) => state !== 'ENDED');

/** The live resources, as this process wrote or read them last. Who else writes one has it read again. */
export class Rows {
  readonly #rows = new Map<number, Stored<Resource>>();
  readonly #turns = new Map<number, Promise<unknown>>();
  /** Rows of which this process knows more than is stored. */
  readonly #noted = new Set<number>();
  #hasNoted: () => void = () => undefined;

  constructor(
    private readonly office: Office,
    /** Told of each resource that was written or read anew. */
    private readonly seen: (resource: Resource) => void,
  ) {}

  /** Reads all that are live. */
  async load(): Promise<void> {
    const { resources } = this.office.context.collections;
    for await (const page of pages(resources, { where: { state: { in: LIVE } }, limit: PAGE })) {
      for (const stored of page) this.#use(stored);
    }
  }

  /** Reads what changes, until the end of the office. */
  async follow(): Promise<void> {
    const { context, signal } = this.office;
    for await (const stored of context.changes.watch(undefined, signal)) {
      const before = this.#rows.get(stored.value.number);
      const isKnown = before === undefined ? !isLive(stored.value) : before.revision === stored.revision;
      // A write that is under way meets what others wrote.
      if (isKnown || this.#turns.has(stored.value.number)) continue;
      await this.#inTurn(stored.value.number, () => this.#read(stored.value.number));
    }
  }

  get live(): ReadonlyMap<number, Resource> {
    return new Map([...this.#rows].map(([number, { value }]) => [number, value]));
  }

  get(number: number): Resource | undefined {
    return this.#rows.get(number)?.value;
  }

  /** Takes over rows that were just inserted. */
  async inserted(numbers: readonly number[]): Promise<void> {
    const stored = await this.office.context.collections.resources.getMany(numbers.map(String));
    for (const one of stored) this.#use(one);
    this.office.context.changes.tell(numbers.map(String));
  }

  /**
   * Notes something that is stored with the next write of the resource, or by `store`, and may get lost until then: when it does,
   * it is found out again. False = it is not noted, since a write of the resource is under way, which would write over it.
   */
  note(number: number, plan: (resource: Resource) => Resource | undefined): boolean {
    if (this.#turns.has(number)) return false;
    const stored = this.#rows.get(number);
    const next = stored && plan(stored.value);
    if (stored === undefined || next === undefined) return true;
    this.#rows.set(number, { revision: stored.revision, value: next });
    this.#noted.add(number);
    this.#log(next, stored.value);
    this.#hasNoted();
    this.office.wake();
    return true;
  }

  /** Resolves when the writes of a resource that are under way now have ended, well or not. */
  async settled(number: number): Promise<void> {
    await this.#turns.get(number)?.catch(() => undefined);
  }

  /** Stores what was noted, a moment later and together, until the end of the office. */
  async store(): Promise<void> {
    const { context, signal } = this.office;
    while (!signal.aborted) {
      const noted = new AbortController();
      this.#hasNoted = () => {
        noted.abort();
      };
      if (this.#noted.size === 0) await pause(context.clock, LONG_MS, AbortSignal.any([noted.signal, signal]));
      await pause(context.clock, STORE_MS, signal);
      await Promise.all(
        [...this.#noted].map((number) =>
          this.change(number, (now) => (this.#noted.has(number) ? { ...now } : undefined)),
        ),
      );
    }
  }

  /**
   * Writes a resource as planned from what it is now; when the plan is undefined it stays as it is, and undefined is the
   * answer. Changes of one resource are made one after the other. Throws STORE_UNAVAILABLE.
   */
  change(number: number, plan: (resource: Resource) => Resource | undefined): Promise<Resource | undefined> {
    return this.#inTurn(number, async () => {
      const { resources } = this.office.context.collections;
      for (;;) {
        const stored = this.#rows.get(number) ?? (await resources.get(String(number)));
        const next = stored && plan(stored.value);
        if (stored === undefined || next === undefined) return undefined;
        const result = await resources.replace(next, stored.revision);
        if (result.outcome === 'replaced') {
          this.#use({ value: next, revision: result.revision });
          this.office.context.changes.tell([next.id]);
          return next;
        }
        if (result.outcome === 'duplicate') throw new Error(`resource ${number} has a ${result.index} of another one`);
        if ((await this.#read(number)) === undefined) return undefined;
      }
    });
  }

  async #read(number: number): Promise<Stored<Resource> | undefined> {
    const stored = await this.office.context.collections.resources.get(String(number));
    if (stored === undefined) this.#rows.delete(number);
    else this.#use(stored);
    return stored;
  }

  #use(stored: Stored<Resource>): void {
    const { value } = stored;
    this.#noted.delete(value.number);
    const before = this.#rows.get(value.number)?.value;
    if (isLive(value)) this.#rows.set(value.number, stored);
    else this.#rows.delete(value.number);
    this.#log(value, before);
    this.seen(value);
    this.office.wake();
  }

  #log({ number, name, pool, state, endReason, lastError }: Resource, before: Resource | undefined): void {
    if (before === undefined ? state !== 'STARTING' : before.state === state) return;
    const why = endReason === '' ? {} : { why: endReason };
    const error = lastError === '' ? {} : { error: lastError };
    this.office.context.logger.info({ number, name, pool, state, ...why, ...error }, 'resource');
  }

  async #inTurn<T>(number: number, act: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(number) ?? Promise.resolve();
    const turn = before.then(act, act);
    this.#turns.set(number, turn);
    try {
      return await turn;
    } finally {
      if (this.#turns.get(number) === turn) this.#turns.delete(number);
    }
  }
}
