import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { Queued } from '@berth/proto/berth/lease/v1/lease';
import { PreEncoded } from '@berth/server';
import type { DemandView, QueuedView } from '../../domain/index.js';
import type { LabView } from '../inventory/bench-to-proto.js';
import { ownPart, sharedPart } from './queue-to-proto.js';

interface SharedBytes {
  readonly bytes: Uint8Array;
  readonly madeMs: number;
}

/** Ends of TTL leases move without a change of the view: what says them is not used for longer than this. */
const FRESH_MS = 1000;
/** Field 1 (queued) of AcquireResponse, length-delimited. */
const QUEUED = 0x0a;

const EMPTY = Queued.create();
const known = new WeakMap<DemandView, SharedBytes>();

/**
 * An AcquireResponse with `queued`, as bytes. What all streams of a demand are told alike (the candidates: nearly all of
 * it) is encoded once: the concatenation of two encoded messages is the encoding of both merged.
 */
export function queuedBytes(lab: LabView, view: QueuedView): PreEncoded {
  const own = Queued.encode(ownPart(view)).finish();
  const shared = sharedBytes(lab, view.shared);
  return new PreEncoded(new BinaryWriter().uint32(QUEUED).fork().raw(own).raw(shared).join().finish());
}

function sharedBytes(lab: LabView, view: DemandView): Uint8Array {
  const now = lab.now();
  const made = known.get(view);
  if (made !== undefined && Math.abs(now - made.madeMs) < FRESH_MS) return made.bytes;
  const bytes = Queued.encode({ ...EMPTY, ...sharedPart(lab, view) }).finish();
  known.set(view, { bytes, madeMs: now });
  return bytes;
}
