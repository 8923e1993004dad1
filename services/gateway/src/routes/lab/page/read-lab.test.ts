import type { Berth } from '@berth/client';
import { BerthError, Status } from '@berth/client';
import { ListBenchesResponse } from '@berth/proto/berth/lease/v1/inventory_service';
import { ListQueueResponse } from '@berth/proto/berth/lease/v1/lease_service';
import { ListPoolsResponse } from '@berth/proto/berth/pool/v1/pool_service';
import { ListLeaksResponse } from '@berth/proto/berth/tracker/v1/allocation_service';
import { ConditionState } from '@berth/client';
import test from 'ava';
import { pageHtml } from './page-html.js';
import { pageText } from './page-text.js';
import { readLab } from './read-lab.js';

const NOW = new Date(2031, 4, 9, 12, 7);

function at(minutes: number): Date {
  return new Date(NOW.getTime() + minutes * 60_000);
}

interface Answers {
  readonly benches?: Parameters<typeof ListBenchesResponse.fromPartial>[0] | Error;
  readonly queue?: Parameters<typeof ListQueueResponse.fromPartial>[0] | Error;
  readonly pools?: Parameters<typeof ListPoolsResponse.fromPartial>[0] | Error;
  readonly leaks?: Parameters<typeof ListLeaksResponse.fromPartial>[0] | Error;
}

/** Roles that answer so; each call is one try with a limit of its own. */
function lab({ benches = {}, queue = {}, pools = {}, leaks = {} }: Answers): Berth {
  function answers<T, P>(type: { fromPartial(value: P): T }, value: P | Error) {
    return (_request: object, options?: { readonly retry?: boolean; readonly timeoutMs?: number }): Promise<T> => {
      if (options?.retry !== false || options.timeoutMs !== 2000) throw new Error('the page would wait');
      return value instanceof Error ? Promise.reject(value) : Promise.resolve(type.fromPartial(value));
    };
  }
  return {
    inventory: { listBenches: answers(ListBenchesResponse, benches) },
    lease: { listQueue: answers(ListQueueResponse, queue) },
    pools: { listPools: answers(ListPoolsResponse, pools) },
    allocations: { listLeaks: answers(ListLeaksResponse, leaks) },
  } as unknown as Berth;
}

test('a lab is told part by part: benches, holders, the queue with reasons, pools and leaks', async (t) => {
  const benches = [
    { name: 'b1', location: 'office1', holder: 'ann', holderDescription: 'nightly', heldSince: at(-4), waiting: 1 },
    { name: 'b2' },
    { name: 'b3', condition: { state: ConditionState.MAINTENANCE, reason: 'new relay' } },
  ];
  const requests = [
    { requestId: 'rq-1', owner: 'bob', position: 1, priority: 60, requirements: [{ bench: 'b1' }], reason: 1 },
  ];
  const pools = [
    { name: 'vms', lab: 'default', state: 1, free: 1, max: 4 },
    { name: 'others', lab: 'east', state: 1, max: 9 },
  ];
  const leaks = [{ id: 'L1-al-1', rule: 1, kind: 'vm', owner: 'ci', evidence: 'no outcome', firstSeen: at(-60) }];
  const answers = {
    benches: { benches },
    queue: { requests, waiting: 3 },
    pools: { pools },
    leaks: { leaks, sweepTime: at(-5) },
  };
  t.is(
    pageText(await readLab(lab(answers), '', NOW)),
    `lab default at 12:07

BENCHES  3: 1 held, 1 free, 1 out of service

BENCH  LOCATION  STATE        HOLDER  SINCE       WAITING  FOR
b1     office1   held         ann     12:03 (4m)  1        nightly
b2               free
b3               maintenance                               new relay

QUEUE  3 requests wait

PLACE  WHO  WANTS  PRIORITY  WHY           REQUEST
1      bob  b1     60        all are held  rq-1
and 2 more

POOLS  1

POOL  STATE   FREE  TAKEN  MAX
vms   active  1     0      4

LEAKS  1; looked for 5m ago

LEAK     RULE  KIND  OWNER  SINCE       EVIDENCE
L1-al-1  L1    vm    ci     11:07 (1h)  no outcome
`,
  );
});

test('where there is nothing, that is said', async (t) => {
  const picture = await readLab(lab({}), 'east', NOW);
  t.is(picture.lab, 'east');
  t.deepEqual(
    picture.parts.map(({ title, summary, cells }) => [title, summary, cells]),
    [
      ['Benches', 'there are none; apply an inventory (POST /inventory)', undefined],
      ['Queue', 'nobody waits', undefined],
      ['Pools', 'there are none', undefined],
      ['Leaks', 'nobody has looked yet', undefined],
    ],
  );
});

test('a role that is away is told in its place, and the rest still comes', async (t) => {
  const away = new BerthError('ROLE_UNAVAILABLE', Status.UNAVAILABLE, 'the pool service cannot be reached');
  const late = new BerthError('DEADLINE_EXCEEDED', Status.DEADLINE_EXCEEDED, 'no answer within 2000 ms');
  const picture = await readLab(lab({ benches: { benches: [{ name: 'b1' }] }, pools: away, leaks: late }), '', NOW);
  t.deepEqual(
    picture.parts.map(({ summary }) => summary),
    [
      '1: 0 held, 1 free, 0 out of service',
      'nobody waits',
      'not known now: the pool service cannot be reached',
      'not known now: no answer within 2000 ms',
    ],
  );
  t.regex(pageHtml(picture), /<p>not known now: the pool service cannot be reached<\/p>/);
});

test('a lab that there is not has no page', async (t) => {
  const none = new BerthError('NO_SUCH_LAB', Status.NOT_FOUND, 'there is no lab east');
  await t.throwsAsync(readLab(lab({ benches: none, queue: none }), 'east', NOW), { is: none });
});

test('what others wrote is text on the page, and a large lab is cut', async (t) => {
  const name = '"><script>alert(1)</script>';
  const page = pageHtml(
    await readLab(
      lab({
        benches: {
          benches: [{ name: 'b1', holder: name, holderDescription: "<img src=x onerror='x'>" }],
          nextPageToken: 'more',
        },
      }),
      '<i>lab</i>',
      NOW,
    ),
  );
  t.notRegex(page, /<script|<img|<i>/);
  t.regex(page, /&quot;&gt;&lt;script&gt;alert\(1\)&lt;\/script&gt;/);
  t.regex(page, /<p>only the first 1000 by name are shown<\/p>/);
  t.regex(page, /<title>&lt;i&gt;lab&lt;\/i&gt; · Berth<\/title>/);
});
