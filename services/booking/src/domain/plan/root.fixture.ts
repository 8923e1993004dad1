import type { BerthError, By } from '@berth/kernel';
import type { Booking, BookingWishes } from '../model/booking.js';
import { stateAt } from '../model/booking.js';
import type { Answer, ClusterAsk, Command, CreateBooking, GrantAsk, SpanAsk } from '../model/commands.js';
import { FOREVER_MS, UNIT } from '../model/cluster.js';
import type { Done, Entry } from '../model/ledger.js';
import { RootState } from '../state/root-state.js';
import type { Amounts } from '../timeline/rows.js';
import { planEntry } from './plan-entry.js';

export const HOUR_MS = 3_600_000;
export const NOON = Date.UTC(2030, 0, 1, 12);

export const OLGA: By = { actor: { name: 'olga', kind: 'caller' }, operator: true };
export const UMA: By = { actor: { name: 'uma', kind: 'caller' }, operator: false };

/** A command in short: by Olga, never repeated. */
type GivenOf<K extends Command['kind']> = Omit<Extract<Command, { readonly kind: K }>, 'by' | 'key'> & {
  readonly by?: By;
};
type Given = { readonly [K in Command['kind']]: GivenOf<K> }[Command['kind']];

/** A root cluster under a clock of hours since noon, to which commands are given in short. */
export class Root {
  readonly state: RootState;
  readonly entries: Entry[] = [];
  now = NOON;
  #ids = 0;

  constructor(root = 'default') {
    this.state = new RootState(root);
  }

  /** Plans commands that arrive together. */
  plan(commands: readonly Given[]): readonly Answer[] {
    const plan = planEntry(this.state, commands.map(withKey), this.now);
    if (plan.entry !== undefined) this.entries.push(plan.entry);
    plan.keep();
    return plan.answers;
  }

  /** Carries out one command. Throws why it was refused. */
  give(command: Given): Done {
    const [answer] = this.plan([command]);
    if (answer === undefined) throw new Error('it was not planned');
    if ('refused' in answer) throw answer.refused;
    return answer.done;
  }

  /** The reason for which a command is refused, with its error. Throws when it is not, or when anything changed. */
  refusal(command: Given): BerthError {
    const before = this.entries.length;
    const refused = this.refused(command);
    if (this.entries.length > before) throw new Error('a refused command changed something');
    return refused;
  }

  /** The error with which a command is refused; what is due may change meanwhile. */
  refused(command: Given): BerthError {
    const [answer] = this.plan([command]);
    if (answer === undefined || !('refused' in answer)) throw new Error(`${command.kind} was not refused`);
    return answer.refused;
  }

  /** Lets hours pass, with what they bring. */
  pass(hours: number): void {
    this.now += Math.round(hours * HOUR_MS);
    this.plan([]);
  }

  /** A grant to the root, from `hour` on. */
  grant(amounts: Amounts, more: Partial<GrantAsk> = {}): string {
    const grant = { cluster: this.state.root, kind: 'CAPACITY', startMs: 0, endMs: FOREVER_MS, amounts } as const;
    const id = this.id('gr');
    this.give({ kind: 'createGrant', id, grant: { ...grant, description: '', labels: {}, ...more } });
    return id;
  }

  /** A booking's command: `what` from one hour to another. */
  book(what: Partial<SpanAsk>, from: number, to: number, more: Partial<CreateBooking> = {}): GivenOf<'createBooking'> {
    const spans = [{ ...span(from, to), ...what }];
    const by = more.by ?? OLGA;
    return { kind: 'createBooking', id: this.id('bk'), wishes: wishes(by.actor.name), spans, ...more };
  }

  /** Books, and answers the booking. */
  booked(...args: Parameters<Root['book']>): Booking {
    return this.booking(this.give(this.book(...args)).id);
  }

  booking(id: string): Booking {
    const booking = this.state.bookings.get(id);
    if (booking === undefined) throw new Error(`there is no booking ${id}`);
    return booking;
  }

  /** The state of a booking now. */
  stateOf({ id }: Pick<Booking, 'id'>): string {
    return stateAt(this.booking(id), this.now);
  }

  /** A child's command: an amount from one hour to another. */
  child(
    name: string,
    parent: string,
    amounts: Amounts,
    from: number,
    to: number,
    more: Partial<ClusterAsk> = {},
  ): Given {
    const cluster = clusterAsk(name, { parent, ...span(from, to), amounts, ...more });
    return { kind: 'createCluster', cluster, bookingId: this.id('bk'), whenFull: 'REFUSE', priority: 50 };
  }

  /** What is left of an amount at an hour, in whole ones. */
  left(amount: string, hour: number, cluster = this.state.root): number {
    return this.state.timeline(cluster).at(amount, NOON + hour * HOUR_MS) / UNIT;
  }

  id(prefix: string): string {
    return `${prefix}-${String((this.#ids += 1)).padStart(4, '0')}`;
  }
}

function withKey(command: Given): Command {
  return { by: OLGA, key: { id: '', fingerprint: '' }, ...command };
}

/** Hours since noon. */
export function span(from: number, to: number): { startMs: number; endMs: number } {
  return { startMs: NOON + from * HOUR_MS, endMs: NOON + to * HOUR_MS };
}

export function wishes(owner: string, more: Partial<BookingWishes> = {}): BookingWishes {
  return { owner, description: '', labels: {}, priority: 50, whenFull: 'REFUSE', ...more };
}

export function clusterAsk(name: string, more: Partial<ClusterAsk> = {}): ClusterAsk {
  return { name, description: '', owner: 'olga', kind: '', units: {}, timeZone: 'UTC', labels: {}, ...more };
}
