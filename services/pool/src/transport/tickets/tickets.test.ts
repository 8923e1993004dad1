import { TicketState } from '@berth/proto/berth/pool/v1/ticket';
import { onEachEngine, until } from '@berth/testkit';
import test from 'ava';
import type { TicketClient, TicketScene } from './ticket-server.fixture.js';
import { supply, ticketScene } from './ticket-server.fixture.js';

async function make(client: TicketClient, more: object = {}, caller?: string): Promise<number> {
  const { ticket } = await client.call('createTicket', { tags: ['vm'], ...more }, caller);
  return ticket?.number ?? 0;
}

async function ticketOf(client: TicketClient, number: number) {
  const { ticket } = await client.call('getTicket', { number });
  if (ticket === undefined) throw new Error('no ticket');
  return ticket;
}

async function waiting({ operator }: TicketScene): Promise<readonly string[]> {
  const { requests } = await operator.lease.listQueue({});
  return requests.map(({ labels, owner }) => `${labels['ticket'] ?? ''} ${owner}`);
}

onEachEngine(test, (engine, title) => {
  test(title('a ticket waits under a small number, tells its place, is ready with data, and gives back'), async (t) => {
    const scene = await ticketScene(t, engine);
    const { client } = await scene.serve();
    t.deepEqual([await make(client), await make(client, { sandbox: 'job-17' })], [1, 2]);
    t.deepEqual(await waiting(scene), ['1 ann', '2 ann']);
    t.like(await ticketOf(client, 2), {
      owner: 'ann',
      lab: 'default',
      tags: ['vm'],
      sandbox: 'job-17',
      priority: 60,
      state: TicketState.OPEN,
      ready: false,
    });
    const wait = client.open('waitTicket', { number: 2 });
    const first = await wait.next();
    t.like(first, { position: 1, reason: 'a resource is being made' });
    await supply(scene, { data: 'one\n' });
    await until(async () => (await ticketOf(client, 1)).ready, { what: 'ticket 1' });
    const name = await supply(scene, { data_base64: Buffer.of(0xff, 0).toString('base64') });
    let last = await wait.next();
    while (last.ticket?.ready !== true) last = await wait.next();
    t.is(await wait.over, undefined);
    t.is(last.ticket.resource, name);
    t.deepEqual(last.ticket.data, Buffer.of(0xff, 0));
    t.true(last.ticket.fencingToken > 0);
    t.is((await ticketOf(client, 1)).data.toString(), 'one\n');

    for (let times = 0; times < 2; times += 1) await client.call('closeTicket', { number: 2 });
    t.deepEqual((await scene.operator.lease.listLeases({})).leases.length, 1);
    t.like(await ticketOf(client, 2), { state: TicketState.CLOSED, ready: true });
    const again = client.open('waitTicket', { number: 2 });
    t.deepEqual((await again.next()).ticket?.data, Buffer.of(0xff, 0));
    t.is(await again.over, undefined);
    const { tickets } = await client.call('listTickets', {});
    t.deepEqual(
      tickets.map(({ number, resource, data }) => [number, resource !== '', data.length]),
      [[1, true, 0]],
    );
  });

  test(title('numbers rise by one, none is used twice, also when many ask at once and some are refused'), async (t) => {
    const scene = await ticketScene(t, engine);
    const [a, b] = [await scene.serve({ follow: false }), await scene.serve({ follow: false })];
    const made = await Promise.all(
      Array.from({ length: 60 }, (_, n) => make((n % 2 === 0 ? a : b).client, { requestId: `r${n % 40}` })),
    );
    t.deepEqual(
      [...new Set(made)].toSorted((x, y) => x - y),
      Array.from({ length: 40 }, (_, n) => n + 1),
    );
    for (let n = 40; n < 60; n += 1) t.is(made[n], made[n - 40], 'a repeat makes none');
    const refused = await a.client.refusal('createTicket', { tags: ['nothing', 'vm'] });
    t.like(refused, { reason: 'NO_SUCH_BENCH', code: 'NOT_FOUND' });
    t.is(await make(b.client), 41);
    t.is((await waiting(scene)).length, 41);
    const other = await a.client.refusal('createTicket', { tags: ['hw'], requestId: 'r1' });
    t.is(other.reason, 'REQUEST_ID_REUSED');
  });

  test(title('a ticket whose lease ends otherwise has failed, and says why'), async (t) => {
    const scene = await ticketScene(t, engine);
    const { client } = await scene.serve();
    for (let n = 0; n < 3; n += 1) await make(client);
    const name = await supply(scene, { data: 'x' });
    await until(async () => (await ticketOf(client, 1)).ready, { what: 'ticket 1' });
    await scene.operator.inventory.deleteBench({ name, force: true, reason: 'livecheck failed' });
    const [second] = (await scene.operator.lease.listQueue({})).requests;
    await scene.operator.lease.cancelRequest({ targetRequestId: second?.requestId ?? '', reason: 'too many' });
    const failed = async (number: number) => (await ticketOf(client, number)).failure;
    await until(async () => (await failed(1)) !== '' && (await failed(2)) !== '', { what: 'tickets to fail' });
    t.regex(await failed(1), /^its lease ended: bench removed by .*livecheck failed$/);
    t.is(await failed(2), 'its request left the queue: cancelled by pool: too many');
    for (const number of [1, 2]) {
      const wait = client.open('waitTicket', { number });
      t.like(await wait.over, { reason: 'TICKET_ENDED', code: 'FAILED_PRECONDITION' });
    }
    await client.call('closeTicket', { number: 1 });
    t.like(await client.open('waitTicket', { number: 1 }).over, { reason: 'TICKET_ENDED' });
    const { tickets } = await client.call('listTickets', {});
    t.deepEqual(
      tickets.map(({ number, state }) => [number, state]),
      [
        [2, TicketState.FAILED],
        [3, TicketState.OPEN],
      ],
    );
  });

  test(title('whatever a ticket service was doing when it ended, the next one goes on with it'), async (t) => {
    const scene = await ticketScene(t, engine);
    const never = new Promise<void>(() => undefined);
    const stuckAt = (name: string) => (at: string) => (at === name ? never : undefined);
    const first = await scene.serve({ follow: false });
    const [waits, ready, next, cancelled] = [1, 2, 3, 4];
    for (let n = 0; n < 4; n += 1) await make(first.client);
    // Numbered and stored, but never asked for; and closed, but not given back.
    const numbered = await scene.serve({ follow: false, failpoint: stuckAt('pool.ticketNumbered') });
    void numbered.client.call('createTicket', { tags: ['hw'], description: 'unasked' }, 'bob').catch(() => undefined);
    await until(
      async () => (await first.client.call('listTickets', { owner: 'bob' }, 'root/operator')).tickets.length > 0,
      {
        what: 'the ticket to be stored',
      },
    );
    const closing = await scene.serve({ follow: false, failpoint: stuckAt('pool.ticketClosed') });
    void closing.client.call('closeTicket', { number: cancelled }).catch(() => undefined);
    await until(async () => (await ticketOf(first.client, cancelled)).state === TicketState.CLOSED, {
      what: 'the end',
    });
    t.true((await waiting(scene)).includes('4 ann'));
    await supply(scene, { data: 'kept' });
    await supply(scene, { data: 'gone' });
    await until(async () => (await scene.operator.lease.listLeases({})).leases.length === 2, { what: 'two leases' });
    await until(async () => (await waiting(scene)).length === 2, { what: 'the others to wait' });
    t.false((await ticketOf(first.client, waits)).ready, 'nobody follows');
    const { leases } = await scene.operator.lease.listLeases({});
    const held = (number: number) => leases.find(({ labels }) => labels['ticket'] === String(number));
    await scene.operator.lease.revoke({ leaseId: held(ready)?.id ?? '', reason: 'needed' });

    const { client } = await scene.serve();
    const found = async () => {
      const { tickets } = await client.call('listTickets', { numbers: [1, 2, 3, 4, 5] }, 'root/operator');
      return tickets.map(({ state, ready: has, failure }) => `${TicketState[state]} ${String(has)} ${failure}`.trim());
    };
    const revoked = await until(async () => (await ticketOf(client, ready)).failure, { what: 'ticket 2 to fail' });
    t.regex(revoked, /revoked: .*needed/);
    const expected = ['OPEN true', `FAILED false ${revoked}`, 'OPEN true', 'CLOSED false', 'OPEN true'];
    await until(async () => (await found()).join() === expected.join(), { what: expected.join() });
    t.deepEqual(await found(), expected);
    t.is((await ticketOf(client, waits)).data.toString(), 'kept');
    t.is((await ticketOf(client, next)).data.toString(), 'gone', 'what was revoked went to the next one');
    await until(async () => (await waiting(scene)).length === 0, { what: 'the closed one to be given back' });
  });
});

test('bad input is told by field, and changes nothing', async (t) => {
  const scene = await ticketScene(t);
  const { client } = await scene.serve();
  await make(client);
  const bad: readonly [Parameters<TicketClient['refusal']>[0], object, RegExp][] = [
    ['createTicket', {}, /^tags: is required/],
    ['createTicket', { tags: ['a,b'] }, /^tags\[0\]: .*comma/],
    ['createTicket', { tags: ['vm', ''] }, /^tags\[1\]: /],
    ['createTicket', { tags: Array.from({ length: 65 }, (_, n) => `t${n}`) }, /^tags: has 65 tags/],
    ['createTicket', { tags: ['vm'], lab: 'No Lab' }, /^lab: /],
    ['createTicket', { tags: ['vm'], priority: 101 }, /^priority: is 101/],
    ['createTicket', { tags: ['vm'], sandbox: 'x\n' }, /^sandbox: /],
    ['getTicket', { number: 0 }, /^number: is 0/],
    ['closeTicket', { number: -1 }, /^number: is -1/],
    ['listTickets', { states: [7] }, /^states\[0\]: is 7/],
    ['listTickets', { numbers: [0] }, /^numbers\[0\]: is 0/],
  ];
  for (const [method, request, fault] of bad) {
    const error = await client.refusal(method, request);
    t.is(error.reason, 'INVALID_FIELD', error.text);
    t.regex(error.fields[0] ?? '', fault);
  }
  t.like(await client.open('waitTicket', { number: 0 }).over, { reason: 'INVALID_FIELD' });
  for (const number of [1, 2]) {
    for (const method of ['getTicket', 'closeTicket'] as const) {
      t.like(await client.refusal(method, { number }, 'eve/user'), { reason: 'NO_SUCH_TICKET', code: 'NOT_FOUND' });
    }
    t.like(await client.open('waitTicket', { number }, 'eve/user').over, { reason: 'NO_SUCH_TICKET' });
  }
  t.deepEqual((await client.call('listTickets', {}, 'eve/user')).tickets, []);
  t.is((await client.call('listTickets', {}, 'root/operator')).tickets.length, 1);
  t.like(await client.refusal('createTicket', { tags: ['vm'], priority: 90 }, 'ann/user'), {
    reason: 'PRIORITY_NOT_ALLOWED',
  });
  t.deepEqual(await waiting(scene), ['1 ann']);
  t.is(await make(client), 2);
});

test('one that waits for so long and no longer is told so, and keeps its ticket', async (t) => {
  const scene = await ticketScene(t);
  const { client } = await scene.serve();
  const number = await make(client);
  for (const seconds of [0, 1]) {
    const wait = client.open('waitTicket', { number, wait: { seconds, nanos: 0 } });
    t.like(await wait.over, { reason: 'WAIT_TIMEOUT', code: 'DEADLINE_EXCEEDED' });
    t.is(wait.messages[0]?.position, 1);
  }
  t.deepEqual(await waiting(scene), ['1 ann']);
  const wait = client.open('waitTicket', { number });
  await wait.next();
  await client.call('closeTicket', { number });
  t.like(await wait.over, { reason: 'TICKET_ENDED' });
});

test('a ticket that nothing could serve waits for supply where that is wanted', async (t) => {
  const scene = await ticketScene(t);
  const { client } = await scene.serve({ unknownTags: 'wait' });
  const number = await make(client, { tags: ['later'] });
  t.deepEqual(await waiting(scene), []);
  const wait = client.open('waitTicket', { number });
  t.regex((await wait.next()).reason, /later/);
  await scene.operator.inventory.putOffer({ offer: { pool: 'q', attributes: [{ name: 'later', weight: 0 }] } });
  await until(async () => (await waiting(scene)).length === 1, { what: 'it to be asked for' });
  wait.hangUp();
});

test('a ticket for what a pool makes waits for the offer of that pool', async (t) => {
  const scene = await ticketScene(t);
  const { client } = await scene.serve();
  t.is((await client.refusal('createTicket', { tags: ['other'] })).reason, 'NO_SUCH_BENCH');
  t.is(await make(client, { tags: ['made'] }), 1);
  t.deepEqual(await waiting(scene), []);
  await scene.operator.inventory.putOffer({ offer: { pool: 'q', attributes: [{ name: 'made', weight: 0 }] } });
  await until(async () => (await waiting(scene)).length === 1, { what: 'it to be asked for' });
});

test('a ticket beyond a limit of its owner waits and says why, and one more than may wait is refused', async (t) => {
  const limit = { held: 1, waiting: 1 };
  const scene = await ticketScene(t, 'sqlite', { roles: { user: limit, operator: limit } });
  const { client } = await scene.serve();
  await supply(scene, {});
  await supply(scene, {});
  const first = await make(client);
  t.true((await ticketOf(client, first)).ready);
  const second = await make(client);
  t.like(await client.open('waitTicket', { number: second }).next(), {
    reason: 'its owner or team has as many resources as a limit allows',
  });
  const refused = await client.refusal('createTicket', { tags: ['vm'] });
  t.like(refused, { reason: 'QUOTA', code: 'RESOURCE_EXHAUSTED' });
  t.true((await ticketOf(client, await make(client, {}, 'bob'))).ready, 'another owner has what is free');
  await client.call('closeTicket', { number: first });
  await until(async () => (await waiting(scene)).length === 0, { what: 'the second to have the resource' });
});

test('more tickets are asked for over one connection than it may hang up streams', async (t) => {
  const scene = await ticketScene(t);
  const { client } = await scene.serve({ follow: false });
  const many = 1200;
  for (let made = 0; made < many; made += 100) await Promise.all(Array.from({ length: 100 }, () => make(client)));
  t.is((await scene.operator.lease.listQueue({ pageSize: 1 })).waiting, many);
});
