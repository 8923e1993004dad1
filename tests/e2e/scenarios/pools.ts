import { until } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import type { LabUnderTest } from './lab-under-test.js';

/** A file of pools with one resource at most, tagged `scenario`. */
export const POOLS = `scenario:
  cmd_new: echo "made $BERTH_NAME"
  cmd_delete: "true"
  max: 1
  tags: [scenario]
`;

/** A ticket gets what a pool makes; the next one waits until it is closed. */
export async function pools(t: ExecutionContext, lab: LabUnderTest): Promise<void> {
  const [ann, bob] = [lab.connect('ann'), lab.connect('bob')];
  const ticket = await ann.ticket({ tags: ['scenario'], wait: '60s' });
  t.regex(ticket.data.toString(), /^made scenario/);
  const { ticket: next } = await bob.pools.createTicket({ tags: ['scenario'] });
  const number = next?.number ?? 0;
  const ready: string[] = [];
  const waiting = (async () => {
    for await (const news of bob.waitTicket({ number, wait: '120s' })) {
      ready.push(news.ticket?.ready === true ? news.ticket.resource : 'waits');
    }
  })();
  await until(() => ready.includes('waits'), { what: 'bob to wait', timeoutMs: 30_000 });
  await ticket.close();
  await waiting;
  t.regex(ready.at(-1) ?? '', /^scenario/);
  await bob.pools.closeTicket({ number });
  const { tickets } = await lab.connect('op').pools.listTickets({});
  t.deepEqual(
    tickets.filter(({ owner }) => owner === 'ann' || owner === 'bob').map(({ ready: isReady }) => isReady),
    tickets.filter(({ owner }) => owner === 'ann' || owner === 'bob').map(() => false),
  );
}
