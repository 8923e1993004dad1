import { type Grant, GrantKind } from '@berth/client';
import { BerthError } from '@berth/kernel';
import { type AglaisAnswer, type AglaisCall, requestIdOf } from './aglais-call.js';
import { AMOUNTS, amountsOf, amountsView, saysAmounts } from './amounts.js';
import { DEFAULT_CLUSTER } from './selects.js';
import { DATES, datesOf, datesView } from './when.js';

/** The parameters of `/novaquota/create`. `provisional` changes nothing: what is granted never waits for room. */
export const QUOTA_PARAMETERS: readonly string[] = [...DATES, ...AMOUNTS, 'description', 'provisional', 'request_id'];

/** Grants capacity to a root cluster. */
export async function createGrant(call: AglaisCall): Promise<AglaisAnswer> {
  const { berth, given, faults } = call;
  const range = datesOf(given, faults, { open: true });
  const amounts = amountsOf(given);
  if (!saysAmounts(given))
    faults.add('servers', `is missing, and so are ${AMOUNTS.slice(1).join(', ')}; give at least one`);
  given.flag('provisional');
  const cluster = given.text('clusterid') ?? DEFAULT_CLUSTER;
  const description = given.text('description') ?? '';
  faults.throwIfAny();
  const { grant } = await berth.capacity.createGrant({
    grant: { cluster, range, amounts, description },
    ...requestIdOf(call),
  });
  if (grant === undefined) throw new Error('CreateGrant gave no grant');
  return { status: 201, body: grantView(grant) };
}

/** Reads a grant of `default`. */
export async function readQuota(call: AglaisCall): Promise<AglaisAnswer> {
  return { status: 200, body: grantView(await quotaOf(call)) };
}

/** Takes a grant of `default` away, unless bookings need it and it is not forced. */
export async function deleteQuota(call: AglaisCall): Promise<AglaisAnswer> {
  const { berth, given, faults } = call;
  const force = given.flag('force');
  faults.throwIfAny();
  const { id } = await quotaOf(call);
  const { grant } = await berth.capacity.deleteGrant({ id, force, ...requestIdOf(call) });
  if (grant === undefined) throw new Error('DeleteGrant gave no grant');
  return { status: 200, body: grantView(grant) };
}

async function quotaOf({ berth, id }: AglaisCall): Promise<Grant> {
  const { grant } = await berth.capacity.getGrant({ id });
  if (grant?.cluster === DEFAULT_CLUSTER && grant.kind === GrantKind.CAPACITY) return grant;
  const what =
    grant?.kind === GrantKind.MAINTENANCE ? 'maintenance' : `a grant of ${grant?.cluster ?? 'another cluster'}`;
  const text = `${id} is ${what}, not a quota of ${DEFAULT_CLUSTER}; read it at /v1/grants/${id}.`;
  throw new BerthError('NO_SUCH_GRANT', text, { resource: { type: 'grant', name: id } });
}

function grantView({ id, cluster, amounts, interval, description, deleteTime }: Grant): object {
  return {
    id,
    clusterid: cluster,
    provisional: false,
    ...datesView(interval),
    ...amountsView(amounts),
    ...(description !== '' && { description }),
    ...(deleteTime && { deleted: deleteTime.toISOString() }),
  };
}
