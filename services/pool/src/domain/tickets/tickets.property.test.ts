import test from 'ava';
import fc from 'fast-check';
import type { Seen, Ticket, TicketSpec } from './index.js';
import { close, fail, makeReady, newTicket, nextStep, numberOfRequest, tidy } from './index.js';

const SPEC: TicketSpec = {
  owner: 'ann',
  role: 'user',
  lab: 'default',
  tags: ['vm'],
  sandbox: '',
  description: '',
  priority: 50,
};

/** A lease service as simple as can be: of each request it knows that it waits, its lease, or that it has ended. */
class NaiveLeases {
  readonly requests = new Map<string, { lease: string | undefined }>();
  readonly ended = new Set<string>();
  supply = true;
  #leases = 0;

  /** What an Acquire by this id finds, or makes. */
  ask(id: string): Seen {
    if (this.ended.has(id)) return { what: 'ended', why: 'over' };
    if (!this.requests.has(id) && !this.supply) return { what: 'refused', why: 'no bench' };
    if (!this.requests.has(id)) this.requests.set(id, { lease: undefined });
    return this.look(id);
  }

  /** What a snapshot shows. */
  look(id: string): Seen {
    const found = this.requests.get(id);
    if (found === undefined) return { what: 'nothing' };
    return found.lease === undefined ? { what: 'waits' } : { what: 'holds', leaseId: found.lease };
  }

  grant(id: string): void {
    const found = this.requests.get(id);
    if (found !== undefined) found.lease ??= `ls-${(this.#leases += 1)}`;
  }

  end(id: string): void {
    if (this.requests.delete(id)) this.ended.add(id);
  }
}

/** A ticket service of which each step is durable for itself, and which can stop after any of them. */
class Service {
  readonly tickets = new Map<number, Ticket>();
  readonly leases = new NaiveLeases();
  /** What each ticket's owner was told that it has. */
  readonly told = new Map<number, Set<string>>();
  readonly closed = new Set<number>();

  put(ticket: Ticket | undefined): void {
    if (ticket !== undefined) this.tickets.set(ticket.number, ticket);
  }

  create(): void {
    const number = this.tickets.size + 1;
    this.put(newTicket(SPEC, number, 'abc', number));
  }

  close(ticket: Ticket): void {
    this.put(close(ticket, 0));
    this.closed.add(ticket.number);
  }

  /** Brings a ticket forward by at most so many steps, as after a snapshot; then the process is killed. */
  settle(number: number, steps: number): void {
    let seen: Seen | undefined;
    for (let i = 0; i < steps; i += 1) {
      const ticket = this.tickets.get(number);
      if (ticket === undefined) return;
      const step = nextStep(ticket, (seen ??= this.leases.look(ticket.leaseRequest)));
      if (step.do === 'ask') seen = this.leases.ask(ticket.leaseRequest);
      else if (step.do === 'make-ready') {
        this.put(makeReady(ticket, { leaseId: step.leaseId, fencingToken: 1, resource: 'r', data: '' }, 0));
      } else if (step.do === 'fail') this.put(fail(ticket, step.why, 0));
      else if (step.do === 'give-back') {
        this.leases.end(ticket.leaseRequest);
        seen = undefined;
      } else {
        if (seen.what !== 'waits' && seen.what !== 'holds') this.put(tidy(ticket));
        return;
      }
    }
  }

  /** A waiter reads what is stored. */
  tell(ticket: Ticket): void {
    const { number, grant } = ticket;
    if (grant !== undefined) this.told.set(number, (this.told.get(number) ?? new Set()).add(grant.leaseId));
  }
}

const ticketNumber = fc.nat({ max: 3 });

function act(kind: 'grant' | 'end' | 'close' | 'tell') {
  return fc.record({ kind: fc.constant(kind), of: ticketNumber });
}

const anyEvent = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constant('settle' as const), of: ticketNumber, steps: fc.nat({ max: 4 }) }),
  },
  { weight: 4, arbitrary: act('grant') },
  { weight: 1, arbitrary: fc.oneof(act('end'), act('close'), act('tell')) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      { kind: 'create' as const },
      { kind: 'storeLoss' as const },
      { kind: 'supply' as const },
    ),
  },
);

/** What becomes of a ticket when nothing disturbs it any more, as a reader of the page would say it. */
function expected({ tickets, leases, closed }: Service, number: number): Ticket['state'] {
  const { grant, leaseRequest, state } = tickets.get(number) ?? { leaseRequest: '', state: 'OPEN' };
  if (closed.has(number)) return 'CLOSED';
  if (state === 'FAILED') return 'FAILED';
  if (grant !== undefined) return leases.requests.get(leaseRequest)?.lease === grant.leaseId ? 'OPEN' : 'FAILED';
  return leases.ended.has(leaseRequest) ? 'FAILED' : 'OPEN';
}

test('whatever happens and wherever it is killed, tickets end as the page says, and nothing is left behind', (t) => {
  const runs = Number(process.env['BERTH_RUNS'] ?? 2000);
  const ends = new Map<Ticket['state'], number>();
  fc.assert(
    fc.property(fc.array(anyEvent, { minLength: 10, maxLength: 40 }), (events) => {
      const service = new Service();
      service.create();
      service.create();
      const { leases, tickets } = service;
      for (const event of events) {
        const ticket = 'of' in event ? tickets.get(event.of + 1) : undefined;
        if (event.kind === 'create') service.create();
        else if (event.kind === 'storeLoss') leases.requests.clear();
        else if (event.kind === 'supply') leases.supply = !leases.supply;
        else if (ticket === undefined) continue;
        else if (event.kind === 'grant') leases.grant(ticket.leaseRequest);
        else if (event.kind === 'end') leases.end(ticket.leaseRequest);
        else if (event.kind === 'close') service.close(ticket);
        else if (event.kind === 'tell') service.tell(ticket);
        else if ('steps' in event) service.settle(ticket.number, event.steps);
      }
      for (const number of tickets.keys()) {
        const state = expected(service, number);
        ends.set(state, (ends.get(state) ?? 0) + 1);
        service.settle(number, 100);
        const ticket = tickets.get(number) ?? t.fail();
        t.is(ticket.state, state);
        service.tell(ticket);
        t.true((service.told.get(number)?.size ?? 0) <= 1, 'never another lease');
        const seen = leases.look(ticket.leaseRequest);
        if (state !== 'OPEN') t.is(seen.what, 'nothing', 'nothing is left of what is over');
        else if (ticket.grant !== undefined) t.deepEqual(seen, { what: 'holds', leaseId: ticket.grant.leaseId });
        else if (leases.supply) t.is(seen.what, 'waits', 'it waits, with nobody connected');
        t.is(ticket.openLab !== undefined, state === 'OPEN');
        t.is(ticket.untidyLab, undefined);
        t.is(ticket.failure !== undefined, state === 'FAILED' || (state === 'CLOSED' && ticket.failure !== undefined));
      }
    }),
    { numRuns: runs },
  );
  t.true(ends.size === 3 && Math.min(...ends.values()) > runs / 10, `${[...ends].join(' ')}: no sort of end is rare`);
});

test('the number of a ticket is found by the id of its request, and by nothing else', (t) => {
  t.is(numberOfRequest(newTicket(SPEC, 17, '0abc', 0).leaseRequest), 17);
  for (const id of ['ticket-0-a', 'ticket-x-a', 'ticket-1', 'ticket-1-A', 'rq-1', 'my-ticket-1-a', '']) {
    t.is(numberOfRequest(id), undefined, id);
  }
});
