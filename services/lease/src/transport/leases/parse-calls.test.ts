import { BerthError } from '@berth/kernel';
import { Condition, ConditionState } from '@berth/proto/berth/lease/v1/bench';
import { Bench, Offer } from '@berth/proto/berth/lease/v1/bench';
import { UpdateBenchRequest } from '@berth/proto/berth/lease/v1/inventory_service';
import { HoldMode } from '@berth/proto/berth/lease/v1/lease';
import {
  ExtendRequest,
  RevokeRequest,
  SetPriorityRequest,
  TransferRequest,
} from '@berth/proto/berth/lease/v1/lease_service';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { Faults } from '@berth/server';
import type { BenchSpec } from '../../domain/index.js';
import { parseBenchList, parseOffer, parseOrigin } from '../inventory/parse-bench.js';
import { checkRevoke, parseExtend, parseLab, parsePriority, parseTransfer } from './parse-calls.js';
import { parseCondition, parseConditionStates } from '../inventory/parse-condition.js';
import { parseUpdateBench } from '../inventory/parse-update-bench.js';

function faultsOf(t: ExecutionContext, parse: (faults: Faults) => unknown): string[] {
  const faults = new Faults();
  const run = (): void => {
    parse(faults);
    faults.throwIfAny();
  };
  const error = t.throws(run, { instanceOf: BerthError });
  t.is(error.reason, 'INVALID_FIELD');
  return (error.details.fields ?? []).map(({ field, description }) => `${field}: ${description}`);
}

test('an empty lab is the default one, and other names have an alphabet', (t) => {
  t.is(parseLab(''), 'default');
  t.is(parseLab('lab-2'), 'lab-2');
  for (const lab of ['Lab', 'a_b', 'x'.repeat(64), '../x']) {
    t.deepEqual(
      faultsOf(t, () => parseLab(lab)),
      [`lab: is '${lab}'; allowed are 1 to 63 of a-z, 0-9 and '-', or nothing for 'default'`],
    );
  }
});

test('a revocation needs a lease and a reason', (t) => {
  t.deepEqual(
    faultsOf(t, () => {
      checkRevoke(RevokeRequest.fromPartial({ reason: ' ' }));
    }),
    ['lease_id: is required', 'reason: is required; the holder is told it'],
  );
});

test('a transfer is MANUAL unless it says TTL, and never CONNECTION', (t) => {
  const to = { leaseId: 'l', newOwner: 'bob', reason: 'shift' };
  t.deepEqual(parseTransfer(TransferRequest.fromPartial(to)), {
    leaseId: 'l',
    newOwner: 'bob',
    hold: 'MANUAL',
    message: 'shift',
  });
  const ttl = TransferRequest.fromPartial({ ...to, hold: HoldMode.TTL, ttl: { seconds: 9, nanos: 0 } });
  t.is(parseTransfer(ttl).ttlMs, 9000);
  t.deepEqual(
    faultsOf(t, () => parseTransfer(TransferRequest.fromPartial({ hold: HoldMode.CONNECTION }))),
    [
      'lease_id: is required',
      'new_owner: is required',
      'hold: is CONNECTION, but the new owner has no stream to keep it by; take TTL or MANUAL',
    ],
  );
});

test('an extension is positive', (t) => {
  t.is(parseExtend(ExtendRequest.fromPartial({ leaseId: 'l', duration: { seconds: 60, nanos: 0 } })), 60_000);
  const zero = ExtendRequest.fromPartial({ leaseId: 'l', duration: { seconds: 0, nanos: 0 } });
  t.deepEqual(
    faultsOf(t, () => parseExtend(zero)),
    ['duration: is 0 s; at least 1 ms is allowed'],
  );
  t.deepEqual(
    faultsOf(t, () => parseExtend(ExtendRequest.create())),
    ['lease_id: is required', 'duration: is missing; say how long from now the lease may last'],
  );
});

test('a new priority must be given', (t) => {
  t.is(parsePriority(SetPriorityRequest.fromPartial({ targetRequestId: 'r', priority: 0 })), 0);
  t.deepEqual(
    faultsOf(t, () => parsePriority(SetPriorityRequest.fromPartial({ targetRequestId: 'r' }))),
    ['priority: is missing; 0 to 100, higher goes first'],
  );
});

test('a condition needs a known state, and a reason but for READY', (t) => {
  const until = new Date(5000);
  t.deepEqual(
    parseCondition(
      { state: ConditionState.MAINTENANCE, reason: 'new fan', actor: undefined, since: undefined, until },
      new Faults(),
    ),
    { state: 'MAINTENANCE', reason: 'new fan', untilMs: 5000 },
  );
  const nothing = { reason: '', actor: undefined, since: undefined, until: undefined };
  t.deepEqual(parseCondition({ ...nothing, state: ConditionState.READY }, new Faults()), {
    state: 'READY',
    reason: '',
  });
  t.deepEqual(
    faultsOf(t, (faults) => parseCondition({ ...nothing, state: ConditionState.OFFLINE }, faults)),
    ['condition.reason: is empty; OFFLINE needs a reason, which those who wait are told'],
  );
  const allowed = 'READY (1), MAINTENANCE (2), QUARANTINED (3), OFFLINE (4)';
  t.deepEqual(
    faultsOf(t, (faults) => parseCondition({ ...nothing, state: ConditionState.UNSPECIFIED }, faults)),
    [`condition.state: is 0, which is no state to ask for; allowed are ${allowed}`],
  );
  t.deepEqual(
    faultsOf(t, (faults) => parseCondition(undefined, faults)),
    [`condition: is missing; its state is one of ${allowed}`],
  );
  t.deepEqual(
    faultsOf(t, (faults) =>
      parseConditionStates([ConditionState.READY, Condition.decode(Uint8Array.of(0x08, 9)).state], faults),
    ),
    [`conditions[1]: is 9, which is no state to ask for; allowed are ${allowed}`],
  );
});

const OLD: BenchSpec = {
  name: 'b1',
  location: 'here',
  attributes: [{ name: 'a', weight: 0 }],
  entities: {},
  properties: { k: 'v' },
  labels: {},
  affinity: '',
};

test('an update without a mask changes what is set, one with a mask what it names', (t) => {
  const set = parseUpdateBench(UpdateBenchRequest.fromPartial({ bench: { name: 'b1', etag: 'e', location: 'there' } }));
  t.deepEqual([set.name, set.etag, set.change(OLD)], ['b1', 'e', { ...OLD, location: 'there' }]);
  const named = UpdateBenchRequest.fromPartial({
    bench: { name: 'b1', location: 'there' },
    updateMask: ['properties', 'attributes'],
  });
  t.deepEqual(parseUpdateBench(named).change(OLD), { ...OLD, properties: {}, attributes: [] });
});

test('an update of unknown fields or of nothing is refused', (t) => {
  const unknown = UpdateBenchRequest.fromPartial({ bench: { name: 'b1' }, updateMask: ['locaton', 'name'] });
  t.deepEqual(
    faultsOf(t, () => parseUpdateBench(unknown)),
    [
      "update_mask.paths[0]: unknown field 'locaton'; did you mean 'location'? Allowed are location, attributes, entities, properties, labels, affinity, recycle",
      "update_mask.paths[1]: unknown field 'name'. Allowed are location, attributes, entities, properties, labels, affinity, recycle",
    ],
  );
  t.deepEqual(
    faultsOf(t, () => parseUpdateBench(UpdateBenchRequest.fromPartial({ bench: { name: 'b1' } }))),
    [
      'update_mask: is empty and no field is set, so nothing would change; to clear a field name it: location, attributes, entities, properties, labels, affinity, recycle',
    ],
  );
  t.deepEqual(
    faultsOf(t, () => parseUpdateBench(UpdateBenchRequest.create())),
    ['bench: is missing; give the bench by name, with the new values'],
  );
});

test('every fault of a list of benches is told', (t) => {
  const list = [
    { name: 'b1', attributes: [{ name: 'a' }, { name: 'a', weight: 2_000_000 }] },
    { name: 'b1', location: 'a\nb', entities: { '-x': { properties: { 'a b': 'c' } } } },
  ].map((bench) => Bench.fromPartial(bench));
  t.deepEqual(
    faultsOf(t, (faults) => parseBenchList(list, 'benches.benches', faults)),
    [
      'benches.benches[0].attributes[1].weight: is 2000000; allowed are whole numbers from -1000000 to 1000000',
      "benches.benches[0].attributes[1].name: 'a' stands twice; give it once",
      "benches.benches[1].name: 'b1' stands already in benches.benches[0]; names must differ",
      'benches.benches[1].location: is "a\\nb"; control characters (new line, tab …) are not allowed',
      `benches.benches[1].entities["-x"]: the name is "-x"; allowed are letters, digits, '.', '_', '/' and '-', and it starts with a letter or digit`,
      `benches.benches[1].entities["-x"].properties["a b"]: the key is "a b"; allowed are letters, digits, '.', '_', '/' and '-', and it starts with a letter or digit`,
    ],
  );
});

test('an offer tells what is being made; nothing of that is negative', (t) => {
  const told = { pool: 'vms', capacity: 4, starting: 2, makeTime: { seconds: 90, nanos: 0 }, concurrency: 3 };
  const read = parseOffer(Offer.fromPartial(told), 'offer', new Faults());
  t.like(read, { capacity: 4, starting: 2, makeTimeMs: 90_000, concurrency: 3 });
  t.deepEqual(
    ['capacity', 'starting', 'makeTimeMs', 'concurrency'].filter((key) =>
      Object.keys(parseOffer(Offer.fromPartial({ pool: 'vms' }), 'offer', new Faults())).includes(key),
    ),
    [],
  );
  const wrong = { pool: 'vms', starting: -1, makeTime: { seconds: -1, nanos: 0 }, concurrency: -2 };
  t.deepEqual(
    faultsOf(t, (faults) => parseOffer(Offer.fromPartial(wrong), 'offer', faults)),
    [
      'offer.starting: is -1; it must not be negative',
      'offer.concurrency: is -2; it must not be negative',
      'offer.make_time: is -1 s; it must not be negative',
    ],
  );
});

test('an offer has no negative supply and no properties', (t) => {
  const offer = Offer.fromPartial({ pool: 'vms', available: -1, entities: { dut: { properties: { k: 'v' } } } });
  t.deepEqual(
    faultsOf(t, (faults) => parseOffer(offer, 'offer', faults)),
    [
      'offer.available: is -1; it must not be negative (0 = none at present)',
      'offer.entities["dut"].properties: an offer has no properties; a bench made from it may have',
    ],
  );
});

test('a bench comes from the inventory or from a pool', (t) => {
  const faults = new Faults();
  t.deepEqual(
    ['', 'inventory', 'pool/vms'].map((origin) => parseOrigin(origin, 'o', faults)),
    ['inventory', 'inventory', 'pool/vms'],
  );
  t.deepEqual(
    faultsOf(t, (more) => parseOrigin('pool/', 'bench.origin', more)),
    ["bench.origin: is 'pool/'; allowed are 'inventory' (or nothing), and 'pool/' with the pool's name"],
  );
});
