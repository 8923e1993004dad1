import { inflateRawSync, deflateRawSync } from 'node:zlib';
import type { Bench } from '@berth/proto/berth/lease/v1/bench';
import type { Lease } from '@berth/proto/berth/lease/v1/lease';
import type { MessageType } from '@berth/server';
import { durationOf } from '@berth/server';
import type { RevisionOf } from '../../app/command.js';

/** Where an answer has revisions in it: etags and tokens of benches, the fencing token of a lease, the lab's own. */
interface Revised {
  readonly bench?: Bench | undefined;
  readonly lease?: Lease | undefined;
  readonly revision?: number;
}

/** An answer with the revisions that the store gave to what was drafted. */
export function reviseAnswer<M extends object>(answer: M, revisionOf: RevisionOf): M {
  const { bench, lease, revision } = answer as Revised;
  return {
    ...answer,
    ...(bench !== undefined && { bench: reviseBench(bench, revisionOf) }),
    ...(lease !== undefined && {
      lease: {
        ...lease,
        fencingToken: revisionOf(lease.fencingToken),
        benches: lease.benches.map((one) => reviseBench(one, revisionOf)),
      },
    }),
    ...(revision !== undefined && { revision: revisionOf(revision) }),
  };
}

function reviseBench(bench: Bench, revisionOf: RevisionOf): Bench {
  const { etag, cleaningToken } = bench;
  return { ...bench, etag: etagText(revisionOf(parseInt(etag, 36))), cleaningToken: revisionOf(cleaningToken) };
}

function etagText(revision: number): string {
  return revision.toString(36);
}

/** An answer as it is kept: the message, compressed, as text without spaces. */
export function encodeAnswer<M>(type: MessageType<M>, answer: M): string {
  return deflateRawSync(type.encode(answer).finish()).toString('base64url');
}

/** An answer that was kept. How long a lease is valid counts from now: a repeat must not promise a time that is over. */
export function decodeAnswer<M extends object>(type: MessageType<M>, text: string, now: number): M {
  const answer = type.decode(inflateRawSync(Buffer.from(text, 'base64url')));
  const { lease } = answer as Revised;
  if (lease?.expireTime === undefined) return answer;
  return { ...answer, lease: { ...lease, remaining: durationOf(Math.max(0, lease.expireTime.getTime() - now)) } };
}
