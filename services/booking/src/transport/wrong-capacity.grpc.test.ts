import test from 'ava';
import { days } from './booking-server.fixture.js';
import type { WrongInput } from './wrong-input.fixture.js';
import { book, bookable, JUNE, refuseAll } from './wrong-input.fixture.js';

const RANGE = 'INVALID_RANGE';
const FIELD = 'INVALID_FIELD';

const CASES: readonly WrongInput[] = [
  [
    'a child that ends after its parent',
    'capacity',
    'createCluster',
    { cluster: { name: 'default/spark/late', amounts: { cores: 1 }, range: days('2026-06-01', '2026-07-01') } },
    RANGE,
    /^cluster\.range/,
  ],
  [
    'amounts and parts',
    'capacity',
    'createCluster',
    {
      cluster: {
        name: 'default/k',
        amounts: { cores: 1 },
        parts: [{ role: 'w', template: 'small', count: 1 }],
        range: JUNE,
      },
    },
    FIELD,
    /^cluster: has amounts and parts/,
  ],
  [
    'a root cluster with a size',
    'capacity',
    'createCluster',
    { cluster: { name: 'quota', amounts: { cores: 1 } } },
    FIELD,
    /^cluster\.amounts: is of no use/,
  ],
  [
    'a cluster like that of a lab',
    'capacity',
    'createCluster',
    { cluster: { name: 'lab/x' } },
    FIELD,
    /^cluster\.name/,
  ],
  [
    'a zone of a cluster that is none',
    'capacity',
    'createCluster',
    { cluster: { name: 'quota', timeZone: 'Mars/Phobos' } },
    'UNKNOWN_TIME_ZONE',
    /^cluster\.time_zone/,
  ],
  ['a grant of nothing', 'capacity', 'createGrant', { grant: { range: JUNE } }, FIELD, /^grant\.amounts: is required/],
  [
    'a grant to a child',
    'capacity',
    'createGrant',
    { grant: { cluster: 'default/spark', amounts: { cores: 1 }, range: JUNE } },
    FIELD,
    /^grant\.cluster/,
  ],
  [
    'a grant of benches',
    'capacity',
    'createGrant',
    { grant: { cluster: 'lab/default', amounts: { b1: 1 }, range: JUNE } },
    FIELD,
    /^grant\.cluster/,
  ],
  ['an update of nothing', 'capacity', 'updateGrant', { grant: { id: 'gr-1' } }, FIELD, /^update_mask: is empty/],
  [
    'an update of an unknown field',
    'capacity',
    'updateCluster',
    { cluster: { name: 'default/spark' }, updateMask: ['descripton'] },
    FIELD,
    /^update_mask\.paths\[0\]: .*did you mean 'description'/,
  ],
  [
    'a template without amounts',
    'capacity',
    'createTemplate',
    { template: { name: 'none' } },
    FIELD,
    /^template\.amounts: is required/,
  ],
  [
    'a template that is no name',
    'capacity',
    'createTemplate',
    { template: { name: 'a/b', amounts: { cores: 1 } } },
    FIELD,
    /^template\.name/,
  ],
];

test('wrong clusters, grants and templates are refused with a reason and the place of the fault', async (t) => {
  await refuseAll(t, CASES);
});

test('users are limited, and may grant nothing', async (t) => {
  const { bookings, capacity } = await bookable(t);
  const long = book({ amounts: { cores: 1 }, range: days('2026-06-01', '2027-12-31') });
  t.like(await bookings.refusal('createBooking', long, 'bob/user'), {
    reason: 'BOOKING_LIMIT',
    code: 'RESOURCE_EXHAUSTED',
  });
  const grant = { grant: { amounts: { cores: 1 }, range: JUNE } };
  t.is((await capacity.refusal('createGrant', grant, 'bob/user')).reason, 'PERMISSION_DENIED');
  t.is(
    (await capacity.refusal('createCluster', { cluster: { name: 'quota' } }, 'bob/user')).reason,
    'PERMISSION_DENIED',
  );
});

test('clusters lie in clusters, eight deep and no deeper', async (t) => {
  const { capacity } = await bookable(t);
  const cluster = (name: string) => ({ cluster: { name, amounts: { cores: 1 }, range: JUNE } });
  let name = 'default';
  for (let level = 1; level <= 8; level++) await capacity.call('createCluster', cluster((name += '/a')));
  const { reason, fields } = await capacity.refusal('createCluster', cluster(`${name}/a`));
  t.is(reason, 'CLUSTER_TOO_DEEP');
  t.regex(fields.join(), /^cluster/);
});
