import type { By } from '@berth/kernel';
import type { BookingWishes } from '../src/domain/model/booking.js';
import type { BookingChange, Command, SpanAsk } from '../src/domain/model/commands.js';
import type { NaiveAnswer, NaiveRoot } from './naive-root.js';
import type { NaiveSpan } from './naive-state.js';

/** A command, and what it asks of the naive model. */
export interface Both {
  readonly command: Command;
  readonly naive: (model: NaiveRoot) => NaiveAnswer;
}

/** What commands have in common, and fresh ids for them. */
export interface Asking {
  readonly by: By;
  readonly freshId: (prefix: string) => string;
  readonly now: number;
}

type Amounts = Readonly<Record<string, number>>;

export interface BookingAsk {
  readonly spans: readonly NaiveSpan[];
  readonly waits: boolean;
  readonly priority: number;
  readonly hold?: number;
  readonly resolveBy?: number;
  readonly releaseAfter?: number;
}

export const OPERATOR: By = { actor: { name: 'olga', kind: 'caller' }, operator: true };

/** A key that is never repeated. */
export const NO_KEY = { id: '', fingerprint: '' };

export function wishesOf(owner: string, more: Partial<BookingWishes> = {}): BookingWishes {
  return { owner, description: '', labels: {}, priority: 50, whenFull: 'REFUSE', ...more };
}

export function askOf({ cluster, from, to, amounts, share }: NaiveSpan): SpanAsk {
  const what = share === undefined ? { amounts } : { share };
  return { cluster, startMs: from, endMs: to, ...what };
}

function asked({ by, freshId }: Asking) {
  return { by, key: { id: freshId('rq'), fingerprint: 'f' } };
}

export function createBooking(asking: Asking, ask: BookingAsk): Both {
  const { spans, waits, priority, hold, resolveBy, releaseAfter } = ask;
  const id = asking.freshId('bk');
  const wishes = wishesOf('olga', {
    priority,
    whenFull: waits ? 'WAIT' : 'REFUSE',
    ...(resolveBy !== undefined && { resolveByMs: resolveBy }),
    ...(releaseAfter !== undefined && { releaseAfterMs: releaseAfter }),
  });
  const holdMs = hold === undefined ? {} : { holdMs: hold };
  const booking = { id, spans, waits, priority, resolveBy, releaseAfter };
  return {
    command: { kind: 'createBooking', ...asked(asking), id, wishes, spans: spans.map(askOf), ...holdMs },
    naive: (model) => model.create(booking, hold),
  };
}

export function updateBooking(asking: Asking, id: string, spans: readonly NaiveSpan[]): Both {
  const change: BookingChange = { spans: spans.map(askOf) };
  return {
    command: { kind: 'updateBookings', ...asked(asking), bookings: [{ id, change }] },
    naive: (model) => model.update(id, spans),
  };
}

export function cancelBooking(asking: Asking, id: string): Both {
  return {
    command: { kind: 'cancelBooking', ...asked(asking), id, scope: 'ONE', why: '' },
    naive: (model) => model.cancel(id),
  };
}

export function confirmHold(asking: Asking, id: string): Both {
  return { command: { kind: 'confirmHold', ...asked(asking), id }, naive: (model) => model.confirm(id) };
}

export function checkIn(asking: Asking, id: string): Both {
  return { command: { kind: 'checkIn', ...asked(asking), id }, naive: (model) => model.checkIn(id) };
}

export interface GrantedAsk {
  readonly cluster: string;
  readonly maintenance: boolean;
  readonly from: number;
  readonly to: number;
  readonly amounts: Amounts;
}

export function createGrant(asking: Asking, ask: GrantedAsk): Both {
  const id = asking.freshId('gr');
  const kind = ask.maintenance ? 'MAINTENANCE' : 'CAPACITY';
  const { cluster, from: startMs, to: endMs, amounts } = ask;
  const grant = { cluster, kind, startMs, endMs, amounts, description: '', labels: {} } as const;
  return {
    command: { kind: 'createGrant', ...asked(asking), id, grant },
    naive: (model) => model.grant({ id, ...ask }),
  };
}

export function updateGrant(asking: Asking, id: string, ask: Pick<GrantedAsk, 'to' | 'amounts'>, force: boolean): Both {
  const change = { endMs: ask.to, amounts: ask.amounts };
  return {
    command: { kind: 'updateGrant', ...asked(asking), id, change, force },
    naive: (model) => model.changeGrant(id, ask, force),
  };
}

export function deleteGrant(asking: Asking, id: string, force: boolean): Both {
  return {
    command: { kind: 'deleteGrant', ...asked(asking), id, force },
    naive: (model) => model.changeGrant(id, { deletedAt: model.now }, force),
  };
}

export interface ChildAsk {
  readonly parent: string;
  readonly from: number;
  readonly to: number;
  readonly amounts: Amounts;
  readonly limit?: Amounts;
  readonly waits: boolean;
}

export function createChild(asking: Asking, ask: ChildAsk): Both {
  const { parent, from, to, amounts, limit, waits } = ask;
  const bookingId = asking.freshId('bk');
  const name = `${parent}/${asking.freshId('c')}`;
  const about = { description: '', owner: 'olga', kind: '', units: {}, timeZone: 'UTC', labels: {} };
  const given = limit === undefined ? {} : { limit };
  const cluster = { name, parent, ...about, startMs: from, endMs: to, amounts, ...given };
  const whenFull = waits ? 'WAIT' : 'REFUSE';
  return {
    command: { kind: 'createCluster', ...asked(asking), cluster, bookingId, whenFull, priority: 50 },
    naive: (model) => {
      const sizes = [{ from, to, amounts }];
      return model.child({ name, parent, booking: bookingId, from, to, sizes, ...given }, bookingId, waits);
    },
  };
}

export function resizeCluster(
  asking: Asking,
  name: string,
  size: Omit<GrantedAsk, 'cluster' | 'maintenance'>,
  force: boolean,
): Both {
  const { from: startMs, to: endMs, amounts } = size;
  return {
    command: { kind: 'resizeCluster', ...asked(asking), name, startMs, endMs, amounts, parts: [], force },
    naive: (model) => model.resize(name, size, force),
  };
}

export function deleteCluster(asking: Asking, name: string, force: boolean): Both {
  return {
    command: { kind: 'deleteCluster', ...asked(asking), name, force },
    naive: (model) => model.deleteChild(name),
  };
}
