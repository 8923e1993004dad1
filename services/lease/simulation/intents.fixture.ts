import fc from 'fast-check';
import type {
  Attribute,
  BenchSpec,
  EntitySpec,
  LabRules,
  Limit,
  Limits,
  Offer,
  RequestSpec,
  Requirement,
} from '../src/domain/model.js';
import type { DueKind, LabCommand } from './lab-command.js';
import type { NaiveModel } from './naive-model.js';
import { bench, request, requirement } from './specs.js';

/** A command in the making: what it is about is chosen when it runs, so that most commands hit something that exists. */
export type Intent = (model: NaiveModel, fresh: () => string, now: number) => LabCommand | undefined;

/** One step of a history: time passes, and then some commands are planned together. */
export interface Stride {
  readonly passMs: number;
  readonly gap: number;
  readonly intents: readonly Intent[];
}

const NAMES = ['b0', 'b1', 'b2', 'b3', 'b4'];
const name = fc.constantFrom(...NAMES);
const session = fc.constantFrom('s1', 's2', 's3');
const owner = fc.constantFrom('ann', 'bob', 'cem');
const by = fc.record({ name: owner, operator: fc.boolean() });
const attribute = fc.constantFrom('a', 'b', 'c');
const entityAttributes = fc.subarray(['x', 'y']);
const affinity = fc.oneof({ weight: 7, arbitrary: fc.constant('') }, { weight: 1, arbitrary: fc.constant('team') });
const labels = fc.oneof(
  { weight: 3, arbitrary: fc.constant({}) },
  { weight: 1, arbitrary: fc.constantFrom({ rack: '1' }, { rack: '2' }) },
);

const weighted: fc.Arbitrary<Attribute[]> = fc.uniqueArray(
  fc.record({ name: attribute, weight: fc.constantFrom(0, 0, 1, 2) }),
  { selector: (one) => one.name, maxLength: 3 },
);
const entities: fc.Arbitrary<Record<string, EntitySpec>> = fc.dictionary(
  fc.constantFrom('dut', 'probe'),
  entityAttributes.map((names) => ({ attributes: names.map((one) => ({ name: one, weight: 0 })), properties: {} })),
  { maxKeys: 2, noNullPrototype: true },
);

const benchSpec: fc.Arbitrary<BenchSpec> = fc
  .record({
    name,
    location: fc.constantFrom('l1', 'l2'),
    attributes: weighted,
    entities,
    labels,
    affinity,
    isCleaned: fc.nat(3).map((of) => of === 0),
  })
  .map(({ name: called, isCleaned, ...more }) => {
    return bench(called, { ...more, ...(isCleaned && { recycle: 'CLEAN' as const }) });
  });

const oneRequirement: fc.Arbitrary<Requirement> = fc.oneof(
  { weight: 5, arbitrary: fc.constant(requirement()) },
  { weight: 3, arbitrary: name.map((called) => requirement({ bench: called })) },
  {
    weight: 3,
    arbitrary: fc.subarray(['a', 'b', 'c'], { maxLength: 2 }).map((list) => requirement({ attributes: list })),
  },
  {
    weight: 1,
    arbitrary: fc
      .array(fc.record({ name: fc.constantFrom('', '', 'dut'), attributes: entityAttributes }), { maxLength: 2 })
      .map((list) => requirement({ entities: list })),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({ location: fc.constantFrom('', 'l1', 'l2'), labels, pool: fc.constantFrom('', '', 'p1') })
      .map((more) => requirement(more)),
  },
);

const requirements = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(oneRequirement) },
  { weight: 3, arbitrary: fc.array(oneRequirement, { minLength: 2, maxLength: 3 }) },
  { weight: 1, arbitrary: oneRequirement.map((one) => [one, one]) },
);

/** Most are limited by their role alone, some by no limit at all. */
const belonging: fc.Arbitrary<Pick<RequestSpec, 'role' | 'team'>> = fc.constantFrom(
  { role: 'user' },
  { role: 'user' },
  { role: 'user', team: 'red' },
  { role: 'operator', team: 'red' },
  { role: 'operator', team: 'blue' },
  { role: 'operator' },
  {},
);

const span = fc.constantFrom(0, 0, 500, 3_000, 20_000);

const wish = fc
  .record({
    requirements,
    owner,
    belonging,
    priority: fc.constantFrom(0, 49, 50, 50, 50, 51, 100),
    hold: fc.constantFrom<RequestSpec['hold'][]>('CONNECTION', 'CONNECTION', 'TTL', 'MANUAL'),
    graceMs: span,
    affinity,
    allowMaintenance: fc.boolean(),
    unattended: fc.boolean(),
    waitMs: fc.constantFrom(undefined, undefined, undefined, 0, 20_000, 60_000),
    maxDurationMs: fc.constantFrom(undefined, undefined, undefined, undefined, 800, 2_500, 10_000, 25_000),
  })
  .map(
    ({ requirements: asked, waitMs, maxDurationMs, unattended, belonging: of, ...more }) =>
      (requestId: string): RequestSpec =>
        request(requestId, asked, {
          ...more,
          ...of,
          ...(more.hold === 'TTL' ? { ttlMs: 2_000 } : {}),
          ...(more.hold === 'MANUAL' && unattended ? { unattended } : {}),
          ...(waitMs === undefined ? {} : { waitMs }),
          ...(maxDurationMs === undefined ? {} : { maxDurationMs }),
        }),
  );

const offer: fc.Arbitrary<Offer> = fc
  .record({
    pool: fc.constantFrom('p1', 'p2'),
    location: fc.constantFrom('l1', 'l2'),
    attributes: weighted,
    entities,
    labels,
    available: fc.nat(2),
    capacity: fc.constantFrom(undefined, 0, 1, 2, 3),
    onDemand: fc.constantFrom(undefined, undefined, ['a'], ['b', 'c']),
    makeTimeMs: fc.constantFrom(undefined, undefined, 500, 4_000),
    blockedReason: fc.constant(''),
    updatedMs: fc.constant(0),
  })
  .map(({ capacity, onDemand, makeTimeMs, ...more }) => ({
    ...more,
    ...(capacity !== undefined && { capacity }),
    ...(onDemand && { onDemand }),
    ...(makeTimeMs !== undefined && { makeTimeMs }),
  }));

/** Reservations of a few bookings, mostly moved by the next version. */
const reservation: fc.Arbitrary<Intent> = fc
  .record({
    id: fc.constantFrom('k0', 'k1', 'k2'),
    first: fc.integer({ min: 1, max: 30 }),
    rise: fc.constantFrom(1, 1, 1, 0),
    benches: fc.uniqueArray(name, { minLength: 1, maxLength: 3 }),
    owners: fc.subarray(['ann', 'bob', 'cem']),
    inMs: fc.constantFrom(-1_000, 0, 100, 1_000, 5_000, 20_000),
    forMs: fc.constantFrom(500, 1_000, 5_000, 30_000),
    force: fc.nat(3).map((of) => of === 0),
    keepsStart: fc.nat(3).map((of) => of === 0),
  })
  .map(({ id, first, rise, benches, owners, inMs, forMs, force, keepsStart }): Intent => (model, _, now) => {
    const known = model.reservations.find((one) => one.id === id);
    const version = known === undefined ? first : known.version + rise;
    const startMs = keepsStart && known !== undefined ? known.startMs : now + inMs;
    const endMs = Math.max(startMs + 1, now + inMs + forMs);
    return { kind: 'putReservation', spec: { id, version, benches, owners, startMs, endMs }, force };
  });

/** Requests that spend a booking, most of them of its owners. */
const spending: fc.Arbitrary<Intent> = fc
  .record({ make: wish, on: session, index: fc.nat(), isAll: fc.boolean(), asOwner: fc.nat(9), asOperator: fc.nat(9) })
  .map(({ make, on, index, isAll, asOwner, asOperator }): Intent => (model, fresh) => {
    const booked = pick(model.reservations, index);
    const { requestId, requirements: asked, fingerprint: _fingerprint, ...more } = make(fresh());
    const owner = (asOwner > 0 ? pick(booked?.owners ?? [], asOwner) : undefined) ?? more.owner;
    const spec = request(requestId, isAll ? [] : asked, {
      ...more,
      owner,
      booking: booked?.id ?? 'k0',
      ...(asOperator === 0 && { asOperator: true }),
    });
    return { kind: 'acquire', spec, session: on };
  });

function pick<T>(list: readonly T[], index: number): T | undefined {
  return list[index % list.length];
}

/** Requests for what another one waits for, for another time: reservations may leave it to one and not to the other. */
const rivals: fc.Arbitrary<Intent> = fc
  .tuple(fc.nat(), fc.constantFrom(1, 300, 800, 2_500, 6_000, 10_000, 25_000), session)
  .map(([index, maxDurationMs, on]): Intent => (model, fresh) => {
    const waiting = pick(model.queue, index)?.spec;
    if (waiting === undefined) return undefined;
    const { requestId: _requestId, requirements: asked, fingerprint: _fingerprint, ...more } = waiting;
    return { kind: 'acquire', spec: request(fresh(), asked, { ...more, maxDurationMs }), session: on };
  });

/** Most of these are about a request or lease that is there. */
const intent: fc.Arbitrary<Intent> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc
      .tuple(wish, session)
      .map(([make, on]): Intent => (_, fresh) => ({ kind: 'acquire', spec: make(fresh()), session: on })),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(fc.nat(), session, fc.nat(9)).map(([index, on, change]): Intent => (model) => {
      const spec = pick([...model.queue, ...model.leases], index)?.spec;
      const other = change === 0 ? { fingerprint: 'another', description: 'another' } : {};
      return spec && { kind: 'acquire', spec: { ...spec, ...other }, session: on };
    }),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(fc.nat(), fc.nat(5), session).map(([index, mistaken, other]): Intent => (model) => {
      const one = pick([...model.queue, ...model.leases], index);
      return one && { kind: 'detach', requestId: one.spec.requestId, session: mistaken === 0 ? other : one.session };
    }),
  },
  { weight: 1, arbitrary: session.map((one): Intent => () => ({ kind: 'sessionLost', session: one })) },
  {
    weight: 8,
    arbitrary: fc
      .tuple(fc.nat(), by, fc.constantFrom('none', 'right', 'wrong'))
      .map(([index, who, token]): Intent => (model) => {
        const lease = pick(model.leases, index);
        return lease && { kind: 'release', requestId: lease.spec.requestId, by: { ...who, name: lease.owner }, token };
      }),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.nat(), by, owner, fc.nat(3)).map(([index, who, newOwner, which]): Intent => (model) => {
      const requestId = pick(model.leases, index)?.spec.requestId ?? 'nothing';
      if (which === 0) return { kind: 'revoke', requestId, by: who };
      if (which === 1) return { kind: 'extend', requestId, by: who, durationMs: 5_000 };
      return { kind: 'transfer', requestId, by: who, newOwner, hold: which === 2 ? 'TTL' : 'MANUAL' };
    }),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.nat(), by, fc.constantFrom(undefined, 0, 50, 52, 100))
      .map(([index, who, priority]): Intent => (model) => {
        const requestId = pick(model.queue, index)?.spec.requestId ?? 'nothing';
        return priority === undefined
          ? { kind: 'cancel', requestId, by: who }
          : { kind: 'prioritise', requestId, priority };
      }),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.nat(), fc.constantFrom<DueKind[]>('wait', 'requestGrace', 'keepBack', 'leaseGrace', 'leaseEnd', 'ttl'))
      .map(([index, due]): Intent => (model) => {
        const requestId = pick([...model.queue, ...model.leases], index)?.spec.requestId ?? 'nothing';
        return { kind: 'due', due, requestId };
      }),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(benchSpec, fc.constantFrom('inventory', 'inventory', 'pool/p1'))
      .map(([spec, origin]): Intent => () => ({ kind: 'createBench', spec, origin })),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        benchSpec,
        fc.constantFrom('none', 'right', 'wrong'),
        fc.subarray<'properties' | 'labels'>(['properties', 'labels']),
      )
      .map(([spec, etag, settled]): Intent => () => ({ kind: 'updateBench', spec, etag, settled })),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(name, fc.constantFrom({}, { at: 'port-1' }, { at: 'port-2' }), fc.option(labels, { nil: undefined }))
      .map(([called, properties, shown]): Intent => () => {
        return { kind: 'announce', name: called, said: { properties, ...(shown && { labels: shown }) } };
      }),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(name, fc.boolean(), fc.boolean())
      .map(([called, force, onlyIdle]): Intent => () => ({ kind: 'deleteBench', name: called, force, onlyIdle })),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.uniqueArray(benchSpec, { selector: (spec) => spec.name, maxLength: 5 }), fc.boolean(), fc.boolean())
      .map(([specs, prune, force]): Intent => () => ({ kind: 'applyInventory', specs, prune, force })),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(name, fc.constantFrom('READY', 'READY', 'READY', 'MAINTENANCE', 'QUARANTINED', 'OFFLINE'))
      .map(([called, state]): Intent => () => ({ kind: 'setCondition', name: called, state, reason: 'why' })),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.nat(), fc.nat(9), fc.constantFrom(undefined, undefined, '', 'team'))
      .map(([index, wrong, to]): Intent => (model) => {
        const dirty = model.benches.filter(({ cleaning }) => cleaning);
        const called = pick(dirty.length > 0 ? dirty : model.benches, index)?.spec.name ?? 'nothing';
        const token = wrong === 0 ? 'wrong' : 'right';
        return { kind: 'finishCleaning', name: called, token, ...(to !== undefined && { affinity: to }) };
      }),
  },
  { weight: 1, arbitrary: fc.constant<Intent>(() => ({ kind: 'cleanFree' })) },
  { weight: 1, arbitrary: offer.map((one): Intent => () => ({ kind: 'putOffer', offer: one })) },
  { weight: 1, arbitrary: fc.constantFrom('p1', 'p2').map((pool): Intent => () => ({ kind: 'removeOffer', pool })) },
  { weight: 4, arbitrary: reservation },
  { weight: 4, arbitrary: spending },
  { weight: 4, arbitrary: rivals },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom('k0', 'k1', 'k2'), fc.constantFrom(0, 0, 1, -1), fc.boolean())
      .map(([id, rise, ifUnused]): Intent => (model) => {
        const version = (model.reservations.find((one) => one.id === id)?.version ?? 3) + rise;
        return { kind: 'deleteReservation', id, version, ifUnused };
      }),
  },
);

const stride: fc.Arbitrary<Stride> = fc.record({
  passMs: fc.constantFrom(0, 0, 1, 100, 1_000, 15_000),
  gap: fc.constantFrom(0, 0, 7),
  intents: fc.oneof(
    { weight: 3, arbitrary: fc.tuple(intent) },
    { weight: 1, arbitrary: fc.array(intent, { minLength: 2, maxLength: 4 }) },
  ),
});

const limit: fc.Arbitrary<Limit> = fc.record(
  {
    held: fc.constantFrom(0, 1, 1, 2, 3),
    waiting: fc.constantFrom(0, 1, 2, 4),
    maxDurationMs: fc.constantFrom(800, 5_000, 20_000),
  },
  { requiredKeys: [], noNullPrototype: true },
);

/** None for half of the labs. */
const limits: fc.Arbitrary<Limits | undefined> = fc.option(
  fc.record({
    roles: fc.record({ user: limit, operator: limit }, { requiredKeys: [], noNullPrototype: true }),
    teams: fc.record({ red: limit, blue: limit }, { requiredKeys: [], noNullPrototype: true }),
  }),
  { nil: undefined, freq: 2 },
);

const rulesWithoutLimits = fc.record({
  priorityPointMs: fc.constantFrom<LabRules['priorityPointMs'][]>(60_000, 1_000, 0, 'strict'),
  backfill: fc.boolean(),
  waiterGraceMs: fc.constantFrom(0, 5_000),
  keepBackMs: fc.constantFrom(0, 500, 10_000),
  keepAnswersMs: fc.constant(86_400_000),
  bookingNoticeMs: fc.constantFrom(0, 1_000, 10_000),
  openEndedMs: fc.constantFrom(1, 1_000, 10_000),
});

/** A lab to start with, its rules, and what happens to it. */
export const history = fc.record({
  rules: fc
    .tuple(rulesWithoutLimits, limits)
    .map(([rules, limited]): LabRules => ({ ...rules, ...(limited && { limits: limited }) })),
  benches: fc.uniqueArray(benchSpec, { selector: (spec) => spec.name, minLength: 2, maxLength: 5 }),
  strides: fc.array(stride, { maxLength: 50, size: 'max' }),
});
