import type { HttpError } from '@berth/server';

/** Reasons for which there is no room. */
const NO_ROOM: readonly string[] = ['NO_CAPACITY', 'CLUSTER_LIMIT'];
const CONFLICT = 409;

type Told = Pick<HttpError, 'status' | 'body'>;

interface Info {
  readonly '@type'?: string;
  readonly reason?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** The status of an error: 409 where there is no room. */
export function statusOf({ status, body }: Told): number {
  return NO_ROOM.includes(infoOf(body).reason ?? '') ? CONFLICT : status;
}

/** The error as it is told, where there is no room with the first interval that has too little, and how much. */
export function noRoomBody({ body }: Told): object {
  const { reason = '', metadata = {} } = infoOf(body);
  if (!NO_ROOM.includes(reason) || metadata['from'] === undefined) return body;
  const { cluster, from, until, amount, shortfall, next_start: nextStart } = metadata;
  return {
    ...body,
    interval: { from, until },
    clusterid: cluster,
    amount,
    shortfall: Number(shortfall),
    ...(nextStart !== undefined && { next_start: nextStart }),
  };
}

function infoOf({ details }: HttpError['body']): Info {
  return (details as readonly Info[]).find(({ '@type': type = '' }) => type.endsWith('ErrorInfo')) ?? {};
}
