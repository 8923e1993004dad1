import type { ReservationSpec } from '../src/domain/model.js';
import type { LabCommand } from './lab-command.js';
import type { World } from './world.js';

const OWNERS = [['ann'], ['bob'], ['ann', 'cem'], ['cem', 'bob', 'ann']];

/** A booking service: reserves benches by any server, moves what it reserved, and takes it back. */
export class SimulatedBooker {
  /** As they were last asked for, taken or not. */
  readonly #asked = new Map<string, ReservationSpec>();
  #count = 0;

  constructor(
    readonly world: World,
    readonly benches: readonly string[],
    readonly give: (command: LabCommand) => void,
  ) {}

  /** What there may be to spend. */
  get bookings(): readonly ReservationSpec[] {
    return [...this.#asked.values()].filter(({ endMs }) => endMs > this.world.time.nowMs);
  }

  /** Reserves something, or does something about what it reserved. */
  act(): void {
    const { bookings } = this;
    const { random } = this.world;
    const known = bookings.length === 0 ? undefined : random.pick(bookings);
    if (known === undefined || (bookings.length < 4 && random.chance(0.5)))
      this.#put(this.#made(`k${++this.#count}`, 1));
    else if (random.chance(0.3)) this.#delete(known);
    else if (random.chance(0.5)) this.#put(this.#made(known.id, known.version + 1));
    else {
      const endMs = Math.max(known.startMs + 100, known.endMs + random.pick([-300, 1_000]));
      this.#put({ ...known, version: known.version + 1, endMs });
    }
  }

  #made(id: string, version: number): ReservationSpec {
    const { random, time } = this.world;
    const first = random.int(this.benches.length);
    const benches = [...this.benches, ...this.benches].slice(first, first + random.pick([1, 1, 2]));
    const startMs = time.nowMs + random.pick([-100, 0, 300, 1_200, 1_500, 2_500, 4_000]);
    const endMs = startMs + random.pick([300, 1_000, 3_000, 6_000]);
    return { id, version, benches, owners: random.pick(OWNERS), startMs, endMs };
  }

  #put(spec: ReservationSpec): void {
    this.#asked.set(spec.id, spec);
    this.give({ kind: 'putReservation', spec, force: this.world.random.chance(0.2) });
  }

  #delete({ id, version }: ReservationSpec): void {
    const { random } = this.world;
    const ifUnused = random.chance(0.5);
    if (!ifUnused) this.#asked.delete(id);
    this.give({ kind: 'deleteReservation', id, version: version + 1, ifUnused });
  }
}
