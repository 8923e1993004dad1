import { pages } from '@berth/documents';
import { pause } from '@berth/kernel';
import type { Resource } from '../../domain/resource.js';
import { afterTell, nextTell } from '../../domain/tells.js';
import type { TrackerClient } from '../../ports/tracker-client.js';
import type { Office } from './reconcile-context.js';
import type { Rows } from './rows.js';

const AT_ONCE = 16;
const PAGE = 500;
/** A tracker that is away is asked again after this. */
const RETRY_MS = 2000;
/** The longest that a start waits for its intent to be registered. */
const INTENT_MS = 2000;

/** Tells the tracker of resources, from their rows: at least once, in the order of their lives. */
export class Teller {
  readonly #due = new Set<number>();
  readonly #telling = new Map<number, Promise<void>>();
  /** Allocations of intents that no row knows of yet. */
  readonly #intents = new Map<number, string>();
  #isAway = false;
  #wake: () => void = () => undefined;

  constructor(
    private readonly office: Office,
    private readonly rows: () => Rows,
  ) {}

  /** A resource was written: perhaps there is something to tell. Of one that is being made the intent was told. */
  see({ number, untold, state, told }: Resource): void {
    const isAnnounced = state === 'STARTING' && told.allocation === undefined && !this.#isAway;
    if (untold === undefined || isAnnounced || this.office.context.tracker === undefined) return;
    this.#due.add(number);
    this.#wake();
  }

  /**
   * Has the intent of a resource registered before it is made, if the tracker answers. That is noted with what is told next:
   * an intent that is registered again is the same one.
   */
  async announce(number: number): Promise<void> {
    const { context, signal } = this.office;
    const { tracker, clock } = context;
    const resource = this.rows().get(number);
    if (tracker === undefined || this.#isAway || resource === undefined) return;
    const told = new AbortController();
    const telling = callOf(tracker, resource, 'intent', this.#timeoutOf(resource)).then(
      (allocation) => this.#intents.set(number, allocation),
      () => {
        this.#due.add(number);
        this.#wake();
      },
    );
    void telling.finally(() => {
      told.abort();
    });
    await pause(clock, INTENT_MS, AbortSignal.any([told.signal, signal]));
  }

  /** Tells what is to be told, until the end of the office. */
  async run(): Promise<void> {
    const { context, signal } = this.office;
    const { tracker, collections, clock } = context;
    if (tracker === undefined) return;
    // What has ended is not among the live ones.
    for await (const page of pages(collections.resources, { where: { untold: 1 }, limit: PAGE })) {
      for (const { value } of page) this.#due.add(value.number);
    }
    while (!signal.aborted) {
      if (this.#isAway) await pause(clock, RETRY_MS, signal);
      this.#isAway = false;
      for (const number of this.#due) {
        if (this.#telling.size >= AT_ONCE) break;
        if (!this.#telling.has(number)) void this.#start(tracker, number);
      }
      await this.#something();
    }
    await Promise.all(this.#telling.values());
  }

  #something(): Promise<void> {
    const { signal } = this.office;
    return new Promise((resolve) => {
      const wake = (): void => {
        signal.removeEventListener('abort', wake);
        this.#wake = () => undefined;
        resolve();
      };
      this.#wake = wake;
      signal.addEventListener('abort', wake);
      const canStart = this.#telling.size < AT_ONCE && [...this.#due].some((number) => !this.#telling.has(number));
      if (signal.aborted || canStart || this.#isAway) wake();
    });
  }

  #start(tracker: TrackerClient, number: number): Promise<void> {
    const before = this.#telling.get(number);
    if (before !== undefined) return before;
    this.#due.delete(number);
    const telling = this.#tell(tracker, number)
      .catch((error: unknown) => {
        this.#due.add(number);
        if (!this.#isAway && !this.office.signal.aborted) {
          this.office.context.logger.warn({ err: error, number }, 'the tracker is not told of a resource yet');
        }
        this.#isAway = true;
      })
      .finally(() => {
        this.#telling.delete(number);
        this.#wake();
      });
    this.#telling.set(number, telling);
    return telling;
  }

  async #tell(tracker: TrackerClient, number: number): Promise<void> {
    const stored =
      this.rows().get(number) ?? (await this.office.context.collections.resources.get(String(number)))?.value;
    let told = stored && this.#announced(stored);
    for (let tell = told && nextTell(told); told !== undefined && tell !== undefined; tell = nextTell(told)) {
      const allocation = await callOf(tracker, told, tell, this.#timeoutOf(told));
      told = afterTell(told, tell, told.failedDeletes, allocation);
    }
    if (told === undefined || told === stored) return;
    const { told: known, number: of } = told;
    this.#intents.delete(of);
    await this.rows().change(number, (resource) => {
      const { untold: _, ...next } = { ...resource, told: known };
      return nextTell(next) === undefined ? next : { ...next, untold: 1 };
    });
  }

  #announced(resource: Resource): Resource {
    const allocation = this.#intents.get(resource.number);
    if (allocation === undefined || resource.told.allocation !== undefined) return resource;
    return afterTell(resource, 'intent', 0, allocation);
  }

  #timeoutOf({ pool }: Resource): number {
    const found = this.office.context.inForce.all.find(({ options }) => options.name === pool);
    return found?.options.timeoutsMs.new ?? 0;
  }
}

/** More than a command may take: its outcome has to be stored and told. */
const OUTCOME_MS = 600_000;

async function callOf(tracker: TrackerClient, resource: Resource, tell: string, timeoutMs: number): Promise<string> {
  const { number, name, pool, lab, endReason, lastError, upMs = 0, endMs = 0, failedDeletes } = resource;
  const { allocation: id = '' } = resource.told;
  switch (tell) {
    case 'intent':
      return tracker.registerIntent({ number, name, pool, lab, timeoutMs: timeoutMs + OUTCOME_MS });
    case 'up':
      await tracker.confirm(id, number, name, upMs);
      break;
    case 'failedDelete':
      await tracker.failRelease(id, number, failedDeletes, lastError || 'cmd_delete failed');
      break;
    case 'released':
      await tracker.release(id, number, endReason, endMs);
      break;
    default:
      await tracker.fail(id, number, endReason || lastError || 'it was not made');
  }
  return id;
}
