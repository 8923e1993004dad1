import type { By } from '@berth/kernel';
import { BerthError } from '@berth/kernel';
import type { KeepAliveRequest, KeepAliveResponse } from '@berth/proto/berth/lease/v1/lease_service';
import { durationOf } from '@berth/server';
import type { Lab } from '../../app/lab.js';
import type { Lease } from '../../domain/index.js';
import { heldLease, noSuchLease } from '../../domain/index.js';
import { checkLeaseId } from './parse-calls.js';
import type { WarnedLeases } from './warned-leases.js';

interface Renewal {
  readonly leaseId: string;
  readonly fencingToken?: number | undefined;
}

/** The lease, when it is a TTL lease that the caller may renew. Throws NO_SUCH_LEASE, STALE_TOKEN and others. */
export function ttlLease(lab: Lab, { leaseId, fencingToken }: Renewal, by: By): Lease {
  checkLeaseId({ leaseId });
  const lease = heldLease(lab.state, leaseId, by, fencingToken);
  if (lease.hold === 'TTL') return lease;
  throw new BerthError(
    'NOT_A_TTL_LEASE',
    `lease '${leaseId}' is kept by ${lease.hold}, not by a TTL, so there is nothing to renew; release it when you are done.`,
    {
      resource: { type: 'berth.dev/Lease', name: leaseId, owner: lease.owner },
      preconditions: [{ type: 'HOLD', subject: leaseId, description: `hold is ${lease.hold}` }],
    },
  );
}

/** Sees to it that leases granted through other replicas a moment ago are known here before they are said to be gone. */
export async function seen(lab: Lab, leaseIds: readonly string[]): Promise<void> {
  if (!leaseIds.every((id) => lab.state.leases.has(id))) await lab.upToDate();
}

/** Renews many leases with one round trip for each lab. Answers in the order of the requests; a dead lease is an answer. */
export async function renewAll(
  requests: readonly KeepAliveRequest[],
  labOf: (lab: string) => Promise<Lab>,
  by: By,
  warned: WarnedLeases,
): Promise<readonly KeepAliveResponse[]> {
  const answers = new Map<KeepAliveRequest, KeepAliveResponse>();
  const perLab = new Map<string, KeepAliveRequest[]>();
  for (const request of requests) {
    const ofLab = perLab.get(request.lab);
    if (ofLab === undefined) perLab.set(request.lab, [request]);
    else ofLab.push(request);
  }
  for (const [name, ofLab] of perLab) await renewInLab(ofLab, () => labOf(name), by, { answers, warned });
  return requests.map((request) => answers.get(request) ?? refused(request, noSuchLease(request.leaseId)));
}

async function renewInLab(
  requests: readonly KeepAliveRequest[],
  open: () => Promise<Lab>,
  by: By,
  { answers, warned }: { answers: Map<KeepAliveRequest, KeepAliveResponse>; warned: WarnedLeases },
): Promise<void> {
  const live: { readonly request: KeepAliveRequest; readonly lease: Lease }[] = [];
  let lab: Lab | undefined;
  for (const request of requests) {
    try {
      if (lab === undefined) {
        lab = await open();
        await seen(
          lab,
          requests.map(({ leaseId }) => leaseId),
        );
      }
      live.push({ request, lease: ttlLease(lab, request, by) });
    } catch (error) {
      // A store that does not answer says nothing about the lease: that ends the stream, and the caller comes again.
      if (!(error instanceof BerthError) || error.kind === 'unavailable') throw error;
      answers.set(request, refused(request, error));
    }
  }
  if (lab === undefined || live.length === 0) return;
  const done = await lab.touch(live.map(({ lease }) => lease));
  for (const [i, { request, lease }] of live.entries()) {
    const { leaseId } = request;
    const remaining = durationOf(lab.remainingMs(lease));
    const renewed = { leaseId, remaining, errorReason: '', errorMessage: '', warning: undefined };
    if (request.warnings && done[i] === true) warned.add(lab, lease);
    answers.set(request, done[i] === true ? renewed : refused(request, noSuchLease(leaseId)));
  }
}

function refused({ leaseId }: KeepAliveRequest, error: BerthError): KeepAliveResponse {
  return { leaseId, remaining: undefined, errorReason: error.reason, errorMessage: error.message, warning: undefined };
}
