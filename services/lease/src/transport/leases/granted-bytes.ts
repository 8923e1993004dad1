import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { Bench, Recycle } from '@berth/proto/berth/lease/v1/bench';
import { Lease as LeaseMessage } from '@berth/proto/berth/lease/v1/lease';
import { PreEncoded } from '@berth/server';
import type { BenchSpec, Lease } from '../../domain/index.js';
import type { LabView } from '../inventory/bench-to-proto.js';
import { leaseOf } from './lease-to-proto.js';

/** Fields, length-delimited: `granted` of AcquireResponse, `lease` of Granted, `benches` of Lease. */
const [GRANTED, LEASE, BENCHES] = [0x12, 0x0a, 0x1a];

const described = new WeakMap<BenchSpec, Uint8Array>();

/**
 * An AcquireResponse with `granted`, as bytes. How a bench is described is nearly all of it, and the same at each grant, so
 * that is encoded once: the concatenation of two encoded messages is the encoding of both merged.
 */
export function grantedBytes(lab: LabView, lease: Lease, remainingMs: number | undefined): PreEncoded {
  const message = leaseOf(lab, lease, true, remainingMs);
  const { benches } = message;
  message.benches = [];
  const writer = new BinaryWriter().uint32(GRANTED).fork().uint32(LEASE).fork();
  LeaseMessage.encode(message, writer);
  for (const [i, bench] of benches.entries()) {
    writer.uint32(BENCHES).fork().raw(takeDescription(lease.specs[i], bench));
    Bench.encode(bench, writer).join();
  }
  return new PreEncoded(writer.join().join().finish());
}

/** Takes what `spec` says out of a message, and gives it encoded. */
function takeDescription(spec: BenchSpec | undefined, message: Bench): Uint8Array {
  let bytes = spec && described.get(spec);
  if (bytes === undefined) {
    const { name, location, attributes, entities, properties, labels, affinity, recycle } = message;
    const description = { name, location, attributes, entities, properties, labels, affinity, recycle };
    bytes = Bench.encode(Bench.create(description)).finish();
    if (spec !== undefined) described.set(spec, bytes);
  }
  message.name = message.location = message.affinity = '';
  message.attributes = [];
  message.entities = message.properties = message.labels = {};
  message.recycle = Recycle.UNSPECIFIED;
  return bytes;
}
