import fc from 'fast-check';
import { firm, startOf, toCome, waiting } from './naive-state.js';
import type { NaiveBooking, NaiveSpan } from './naive-state.js';
import type { Asking, Both } from './root-command.js';
import {
  cancelBooking,
  checkIn,
  confirmHold,
  createBooking,
  createChild,
  createGrant,
  deleteCluster,
  deleteGrant,
  resizeCluster,
  updateBooking,
  updateGrant,
} from './root-command.js';
import type { Course, SimulatedRoot } from './simulated-root.js';

/** Instants lie on a grid, so that they meet often. */
export const STEP_MS = 60_000;
export const ROOT = 'default';
export const AMOUNTS = ['cores', 'memory'];
const START_MS = Date.UTC(2030, 0, 1);

/** What somebody does next; undefined when there is nothing to do it with. */
export type Intent = (run: SimulatedRoot, asking: Asking) => Both | undefined;

const from = fc.integer({ min: -1, max: 24 });
const length = fc.integer({ min: 1, max: 12 });
const amounts = fc
  .record({ cores: fc.integer({ min: 0, max: 4 }), memory: fc.integer({ min: 0, max: 4 }) })
  .map(({ cores, memory }) => ({ cores: cores + (memory === 0 && cores === 0 ? 1 : 0), memory }));
const some = fc.oneof(
  { weight: 3, arbitrary: amounts.map((value) => ({ amounts: value })) },
  { weight: 1, arbitrary: fc.constantFrom(1, 1000, 2500, 3333, 5000, 10_000).map((share) => ({ amounts: {}, share })) },
);
const pick = fc.nat(100);

function at(asking: Asking, steps: number): number {
  return START_MS + (Math.floor((asking.now - START_MS) / STEP_MS) + steps) * STEP_MS;
}

function oneOf<T>(all: readonly T[], which: number): T | undefined {
  return all[which % all.length];
}

/** A cluster by its number; those that are there come up most. */
function cluster({ model }: SimulatedRoot, which: number): string {
  const all = model.state.clusters.filter(({ deletedAt }) => deletedAt === undefined || which % 10 === 0);
  return oneOf(all, which)?.name ?? ROOT;
}

/** An interval some steps from now; on a child one that begins while it is there, or most would be refused. */
function placed({ model }: SimulatedRoot, asking: Asking, name: string, steps: number, lengthSteps: number) {
  const found = model.state.clusters.find((one) => one.name === name);
  const lifeSteps = found?.parent === undefined ? 0 : (found.to - found.from) / STEP_MS;
  const start =
    found === undefined || lifeSteps === 0 ? at(asking, steps) : found.from + ((steps + 1) % lifeSteps) * STEP_MS;
  return { from: start, to: start + lengthSteps * STEP_MS };
}

const create = fc
  .record({
    from,
    length,
    some: fc.array(some, { minLength: 1, maxLength: 2 }),
    which: pick,
    waits: fc.boolean(),
    priority: fc.constantFrom(10, 50, 90),
    hold: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined, freq: 5 }),
    resolve: fc.option(fc.integer({ min: 0, max: 6 }), { nil: undefined }),
    release: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined, freq: 3 }),
  })
  .map((ask): Intent => (run, asking) => {
    const spans = ask.some.map((what, index) => {
      const name = cluster(run, ask.which + index);
      return {
        cluster: name,
        ...placed(run, asking, name, ask.from + index * ask.length, ask.length),
        ...nonZero(what),
      };
    });
    return createBooking(asking, {
      spans,
      waits: ask.waits,
      priority: ask.priority,
      ...(ask.hold !== undefined && { hold: ask.hold * STEP_MS }),
      ...(ask.resolve !== undefined && { resolveBy: at(asking, ask.resolve) }),
      ...(ask.release !== undefined && { releaseAfter: ask.release * STEP_MS }),
    });
  });

function nonZero<T extends { readonly amounts: Readonly<Record<string, number>> }>(what: T): T {
  return { ...what, amounts: Object.fromEntries(Object.entries(what.amounts).filter(([, value]) => value > 0)) };
}

/** Another interval or amounts of a booking; of one that has begun, another end. */
const update = fc.record({ which: pick, from, length, some }).map((ask): Intent => (run, asking) => {
  const booking = oneOf(
    bookings(run, (one) => one.child === undefined && toCome(one, asking.now)),
    ask.which,
  );
  const span = booking?.spans[0];
  if (booking === undefined || span === undefined) return undefined;
  const begun = firm(booking) && startOf(booking) <= asking.now;
  const start = begun ? startOf(booking) : at(asking, ask.from);
  const end = (begun ? at(asking, 0) : start) + ask.length * STEP_MS;
  const next: NaiveSpan = { cluster: span.cluster, from: start, to: end, ...nonZero(ask.some) };
  return updateBooking(asking, booking.id, [next]);
});

/** Less of a booking: it is never refused. */
export const shrink = fc
  .record({ which: pick, cut: fc.nat(3), less: fc.boolean() })
  .map((ask): Intent => (run, asking) => {
    const booking = oneOf(
      bookings(run, (one) => one.child === undefined && firm(one) && startOf(one) > asking.now),
      ask.which,
    );
    if (booking === undefined) return undefined;
    const spans = booking.spans.map((span) => {
      const to = Math.max(span.from + STEP_MS, span.to - ask.cut * STEP_MS);
      const less = Object.entries(span.amounts).map(
        ([name, value]) => [name, ask.less ? Math.max(1, value - 1) : value] as const,
      );
      return { ...span, to, amounts: Object.fromEntries(less) };
    });
    return updateBooking(asking, booking.id, spans);
  });

function bookings({ model }: SimulatedRoot, meant: (booking: NaiveBooking) => boolean): readonly NaiveBooking[] {
  return model.state.bookings.filter(meant);
}

const cancel = fc.record({ which: pick }).map((ask): Intent => (run, asking) => {
  const booking = oneOf(
    bookings(run, (one) => toCome(one, asking.now) || ask.which % 10 === 0),
    ask.which,
  );
  return booking && cancelBooking(asking, booking.id);
});

const confirm = pick.map((which): Intent => (run, asking) => {
  const booking = oneOf(
    bookings(run, ({ state }) => state === 'HELD' || which % 7 === 0),
    which,
  );
  return booking && confirmHold(asking, booking.id);
});

const use = pick.map((which): Intent => (run, asking) => {
  const booking = oneOf(
    bookings(run, (one) => firm(one) || waiting(one)),
    which,
  );
  return booking && checkIn(asking, booking.id);
});

const grant = fc
  .record({ from, length, amounts, which: pick, maintenance: fc.boolean() })
  .map((ask): Intent => (run, asking) => {
    const maintenance = ask.maintenance && ask.which % 3 === 0;
    const start = at(asking, ask.from);
    const end = start + ask.length * 2 * STEP_MS;
    const name = maintenance ? cluster(run, ask.which) : ROOT;
    return createGrant(asking, { cluster: name, maintenance, from: start, to: end, amounts: nonZero(ask).amounts });
  });

const regrant = fc
  .record({ which: pick, length, amounts, force: fc.boolean(), remove: fc.boolean() })
  .map((ask): Intent => (run, asking) => {
    const found = oneOf(
      run.model.state.grants.filter(({ deletedAt }) => deletedAt === undefined),
      ask.which,
    );
    if (found === undefined) return undefined;
    const force = ask.force && ask.which % 2 === 0;
    if (ask.remove) return deleteGrant(asking, found.id, force);
    const to = found.from + ask.length * 2 * STEP_MS;
    return updateGrant(asking, found.id, { to, amounts: nonZero(ask).amounts }, force);
  });

const child = fc
  .record({ from, length, amounts, limited: fc.boolean(), which: pick, waits: fc.boolean() })
  .map((ask): Intent => (run, asking) => {
    const parent = cluster(run, ask.which);
    const { from: start, to: end } = placed(run, asking, parent, ask.from, ask.length);
    const size = nonZero(ask).amounts;
    const limit = ask.limited
      ? { limit: Object.fromEntries(Object.entries(size).map(([name, value]) => [name, value + 1])) }
      : {};
    return createChild(asking, { parent, from: start, to: end, amounts: size, waits: ask.waits, ...limit });
  });

const resize = fc
  .record({ which: pick, from, length, amounts, force: fc.boolean() })
  .map((ask): Intent => (run, asking) => {
    const found = oneOf(
      run.model.state.clusters.filter(({ parent, deletedAt }) => parent !== undefined && deletedAt === undefined),
      ask.which,
    );
    if (found === undefined) return undefined;
    const { from: start, to } = placed(run, asking, found.name, ask.from, ask.length);
    const size = { from: start, to: Math.min(to, found.to), amounts: nonZero(ask).amounts };
    return resizeCluster(asking, found.name, size, ask.force && ask.which % 2 === 0);
  });

const remove = fc.record({ which: pick, force: fc.boolean() }).map((ask): Intent => (run, asking) => {
  const found = oneOf(
    run.model.state.clusters.filter(({ parent }) => parent !== undefined),
    ask.which,
  );
  return found && deleteCluster(asking, found.name, ask.force);
});

const intent: fc.Arbitrary<Intent> = fc.oneof(
  { weight: 8, arbitrary: create },
  { weight: 3, arbitrary: update },
  { weight: 3, arbitrary: cancel },
  { weight: 1, arbitrary: confirm },
  { weight: 1, arbitrary: use },
  { weight: 4, arbitrary: grant },
  { weight: 2, arbitrary: regrant },
  { weight: 2, arbitrary: child },
  { weight: 2, arbitrary: resize },
  { weight: 1, arbitrary: remove },
);

/** Commands that arrive together, after some time. */
export interface Stride {
  readonly passSteps: number;
  readonly intents: readonly Intent[];
  readonly course: Course;
}

export const history: fc.Arbitrary<readonly Stride[]> = fc.array(
  fc.record({
    passSteps: fc.constantFrom(0, 0, 0.5, 1, 1, 2, 5),
    intents: fc.array(intent, { minLength: 0, maxLength: 4 }),
    course: fc.record({ dropped: fc.boolean(), snapshot: fc.boolean() }),
  }),
  { minLength: 1, maxLength: 14 },
);

/** Runs a history, and tells all of it when something is wrong. Answers when it ended. */
export function runHistory(run: SimulatedRoot, strides: readonly Stride[]): number {
  let now = START_MS;
  for (const { passSteps, intents, course } of strides) {
    now += passSteps * STEP_MS;
    const batch = intents.map((one) => one(run, run.asking(now))).filter((one) => one !== undefined);
    run.run(batch, now, course);
  }
  return now;
}
