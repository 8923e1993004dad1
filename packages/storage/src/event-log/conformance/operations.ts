import fc from 'fast-check';
import type { ModelStep, Span } from './model-log.js';

/** One call of a random test. `at` picks one of the positions that the log has had so far. */
export type Operation =
  | {
      readonly kind: 'append';
      readonly at: number | 'last';
      readonly events: readonly string[];
      readonly steps: readonly ModelStep[];
    }
  | { readonly kind: 'touch'; readonly lease: string; readonly span: Span; readonly missing: boolean }
  | { readonly kind: 'openSession' | 'beat'; readonly session: string; readonly span: Span }
  | { readonly kind: 'closeSession'; readonly session: string }
  | { readonly kind: 'read' | 'snapshot' | 'trim'; readonly at: number }
  | { readonly kind: 'load' };

// Few names, so that operations meet.
const lease = fc.constantFrom('lease-1', 'lease-2');
const bench = fc.constantFrom('bench-1', 'bench-2');
const session = fc.constantFrom('session-1', 'session-2');
const id = fc.constantFrom('id-1', 'id-2');
const span = fc.constantFrom<Span>('short', 'long');
const at = fc.nat({ max: 40 });

const hold: fc.Arbitrary<ModelStep> = fc.record({ kind: fc.constant('hold'), bench, lease, event: fc.constant(0) });
/** A step that an append without events can take as well. */
const otherStep: fc.Arbitrary<ModelStep> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('free'), bench, lease }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('arm'), lease, span }) },
  fc.record({ kind: fc.constant('disarm'), lease }),
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('overdue'), lease }) },
  fc.record({ kind: fc.constantFrom('sessionAlive', 'sessionGone'), session }),
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('fresh'), id }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('remember'), id, value: fc.string(), span }) },
);

const append: fc.Arbitrary<Operation> = fc.record({
  kind: fc.constant('append'),
  at: fc.oneof({ weight: 6, arbitrary: fc.constant('last' as const) }, at),
  events: fc.array(fc.string(), { minLength: 1, maxLength: 4 }),
  steps: fc.array(fc.oneof({ weight: 3, arbitrary: hold }, { weight: 12, arbitrary: otherStep }), { maxLength: 4 }),
});

const stepsOnly: fc.Arbitrary<Operation> = fc.record({
  kind: fc.constant('append'),
  at: fc.oneof({ weight: 6, arbitrary: fc.constant('last' as const) }, at),
  events: fc.constant([]),
  steps: fc.array(otherStep, { minLength: 1, maxLength: 4 }),
});

/** Random sequences of operations, mostly appends. */
export const operations: fc.Arbitrary<Operation[]> = fc.array(
  fc.oneof(
    { weight: 10, arbitrary: append },
    { weight: 3, arbitrary: stepsOnly },
    fc.record({ kind: fc.constant('touch'), lease, span, missing: fc.boolean() }),
    { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('openSession', 'beat'), session, span }) },
    fc.record({ kind: fc.constant('closeSession'), session }),
    { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('read', 'snapshot', 'trim'), at }) },
    fc.record({ kind: fc.constant('load') }),
  ),
  { maxLength: 40 },
);
