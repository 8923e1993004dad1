import type { Resource } from '../../domain/resource.js';
import type { Office } from './reconcile-context.js';
import type { Rows } from './rows.js';

/** So many steps of a resource that change nothing, each soon after the one before, are carried out. */
const MOST = 10;
const SOON_MS = 100;
/** The rest after these, and after each further one. */
const REST_MS = 1000;

interface Vain {
  /** As it was before and after. */
  readonly resource: Resource;
  readonly times: number;
  /** The end of the last one, or of the rest after it. */
  readonly untilMs: number;
}

/**
 * Steps that were carried out and changed nothing of their resource. Each is planned again at once: with a mistake in a plan, or
 * an answer that is not as expected, that would go on without end, and this process would come to nothing else.
 */
export class VainSteps {
  readonly #vain = new Map<number, Vain>();

  constructor(
    private readonly office: Office,
    private readonly rows: Rows,
  ) {}

  /** Whether nothing is to be done about a resource now. */
  isResting(number: number, resource: Resource): boolean {
    const vain = this.#vain.get(number);
    return vain?.resource === resource && vain.times >= MOST && this.office.context.clock.monotonic() < vain.untilMs;
  }

  /** A step was carried out, planned for the resource as it was. */
  done(number: number, before: Resource, step: string): void {
    if (this.rows.get(number) !== before) {
      this.#vain.delete(number);
      return;
    }
    const { clock, logger } = this.office.context;
    const nowMs = clock.monotonic();
    const last = this.#vain.get(number);
    const goesOn = last?.resource === before && nowMs - last.untilMs < SOON_MS;
    const times = goesOn ? last.times + 1 : 1;
    this.#vain.set(number, { resource: before, times, untilMs: times < MOST ? nowMs : nowMs + REST_MS });
    if (times < MOST) return;
    clock.after(REST_MS, this.office.wake);
    if (times > MOST) return;
    logger.warn({ number, step }, 'a step for a resource changes nothing, again and again; it is tried once a second');
  }

  /** A resource has ended. */
  forget(number: number): void {
    this.#vain.delete(number);
  }
}
