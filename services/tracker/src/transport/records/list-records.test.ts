import { systemClock } from '@berth/kernel';
import type { ListRecordsRequest } from '@berth/proto/berth/tracker/v1/record_service';
import { mongoDatabase, onEachEngine } from '@berth/testkit';
import test from 'ava';
import type { Records } from '../tracker-server.fixture.js';
import { refused, startTracker } from '../tracker-server.fixture.js';
import { openPlace, serveRecords } from './record-server.fixture.js';

type List = Partial<ListRecordsRequest>;

async function names(records: Records, list: List): Promise<string[]> {
  const found = await records.listRecords({ kind: 'machines', ...list });
  return found.records.map(({ fields }) => String(fields?.['hostname']));
}

async function addMachines(records: Records): Promise<void> {
  const machines = [
    { hostname: 'rack1-a', owner: 'tony', state: 'idle', tags: ['arm', 'big'] },
    { hostname: 'rack1-b', owner: 'ann', state: 'in_use', tags: ['arm'] },
    { hostname: 'rack2-a', owner: 'tony', state: 'pxe' },
    { hostname: 'rack2-b', state: 'idle', tags: ['x86', 'big'] },
  ];
  await records.batchCreateRecords({ kind: 'machines', records: machines.map((fields) => ({ fields })) });
}

onEachEngine(test, (engine, title) => {
  test(title('records are filtered by equality, one of, range, prefix, and items of lists'), async (t) => {
    const { records } = await startTracker(t, engine);
    await addMachines(records);
    const where = (...filters: List['filters'] & object): Promise<string[]> => names(records, { filters });
    t.deepEqual(await where(), ['rack1-a', 'rack1-b', 'rack2-a', 'rack2-b']);
    const tony = { field: 'owner', condition: { $case: 'equals', value: 'tony' } } as const;
    t.deepEqual(await where(tony), ['rack1-a', 'rack2-a']);
    t.deepEqual(await where({ field: 'state', condition: { $case: 'oneOf', value: ['idle', 'pxe'] } }), [
      'rack1-a',
      'rack2-a',
      'rack2-b',
    ]);
    const prefix = { field: 'hostname', condition: { $case: 'prefix', value: 'rack1-' } } as const;
    t.deepEqual(await where(prefix), ['rack1-a', 'rack1-b']);
    const range = {
      field: 'hostname',
      condition: { $case: 'range', value: { from: 'rack1-b', until: 'rack2-b' } },
    } as const;
    t.deepEqual(await where(range), ['rack1-b', 'rack2-a']);
    t.deepEqual(await where(range, prefix), ['rack1-b']);
    const big = { field: 'tags', condition: { $case: 'equals', value: 'big' } } as const;
    const arm = { field: 'tags', condition: { $case: 'equals', value: 'arm' } } as const;
    t.deepEqual(await where(big), ['rack1-a', 'rack2-b']);
    t.deepEqual(await where(big, arm), ['rack1-a']);
    t.deepEqual(await where(big, tony), ['rack1-a']);
  });

  test(title('records are filtered by who has claimed them'), async (t) => {
    const { records } = await startTracker(t, engine);
    await addMachines(records);
    const filters = [{ field: 'state', condition: { $case: 'equals', value: 'idle' } as const }];
    await records.claimRecords({ kind: 'machines', filters, count: 2, owner: 'bob' });
    const by = (owner: string) => [{ field: 'claimed_by', condition: { $case: 'equals', value: owner } as const }];
    t.deepEqual(await names(records, { filters: by('bob') }), ['rack1-a', 'rack2-b']);
    t.deepEqual(await names(records, { filters: by('') }), ['rack1-b', 'rack2-a']);
    t.deepEqual(await names(records, { filters: by('eve') }), []);
  });

  test(
    title('who has claimed a record is as before while a claim or release is under way, and then at once as after'),
    async (t) => {
      const clock = systemClock();
      let stop = (): Promise<void> | undefined => undefined;
      const store = await openPlace(engine === 'sqlite' ? { dir: ':memory:' } : mongoDatabase(t));
      const failpoint = (name: string) => (name === 'tracker.beforeCommit' ? stop() : undefined);
      const { records, ...served } = await serveRecords(store, { clock, failpoint });
      t.teardown(() => served.stop());
      await addMachines(records);
      const by = (owner: string) =>
        names(records, { filters: [{ field: 'claimed_by', condition: { $case: 'equals', value: owner } as const }] });
      const idle = [{ field: 'state', condition: { $case: 'equals', value: 'idle' } as const }];
      const claimed = ['rack1-a', 'rack2-b'];
      const free = ['rack1-b', 'rack2-a'];
      const steps = [
        {
          call: () => records.claimRecords({ kind: 'machines', filters: idle, count: 2, owner: 'bob' }),
          before: [[], [...free, ...claimed].toSorted()],
          after: [claimed, free],
        },
        {
          call: () => records.releaseRecords({ kind: 'machines', names: claimed }),
          before: [claimed, free],
          after: [[], [...free, ...claimed].toSorted()],
        },
      ];
      for (const { call, before, after } of steps) {
        let go = (): void => undefined;
        const going = new Promise<void>((resolve) => (go = resolve));
        const reached = new Promise<void>((resolve) => {
          stop = () => {
            resolve();
            return going;
          };
        });
        const answer = call();
        await reached;
        t.deepEqual([await by('bob'), await by('')], before);
        go();
        await answer;
        t.deepEqual([await by('bob'), await by('')], after);
      }
    },
  );

  test(title('addresses are kept and compared in canonical form, and ordered as numbers'), async (t) => {
    const { records } = await startTracker(t, engine);
    const given = ['10.0.0.10', '10.0.0.9', '2001:DB8:0::1', '192.168.0.1', '2001:db8::10'];
    await records.batchCreateRecords({
      kind: 'private-addresses',
      records: given.map((address) => ({ fields: { address } })),
    });
    const kind = 'private-addresses';
    const list = async (request: List): Promise<unknown[]> =>
      (await records.listRecords({ kind, ...request })).records.map(({ fields }) => fields?.['address'] as unknown);
    const ordered = ['10.0.0.9', '10.0.0.10', '192.168.0.1', '2001:db8::1', '2001:db8::10'];
    t.deepEqual(await list({ orderBy: 'address' }), ordered);
    t.deepEqual(await list({ orderBy: 'address desc' }), ordered.toReversed());
    t.deepEqual(
      await list({ filters: [{ field: 'address', condition: { $case: 'equals', value: '2001:db8:0:0::1' } }] }),
      ['2001:db8::1'],
    );
    for (const [prefix, found] of [
      ['10.0.', 2],
      ['10.0.0.8/31', 1],
      ['2001:db8::/32', 2],
    ] as const) {
      const filters = [{ field: 'address', condition: { $case: 'prefix', value: prefix } as const }];
      t.is((await list({ filters })).length, found, prefix);
    }
    t.truthy((await records.getRecord({ kind, name: '2001:0db8::0001' })).record);
    const again = records.createRecord({ record: { kind, fields: { address: '2001:db8::0:10' } } });
    t.is((await refused(t, again)).reason, 'RECORD_EXISTS');
  });

  test(title('pages hold each record once while others come and go, in any order'), async (t) => {
    const { records } = await startTracker(t, engine);
    const batch = Array.from({ length: 30 }, (_, n) => ({ fields: { hostname: `m${n}`, owner: `o${n % 4}` } }));
    const { records: made } = await records.batchCreateRecords({ kind: 'machines', records: batch });
    for (const orderBy of ['', 'create_time desc', 'hostname', 'owner desc', 'state']) {
      const seen: string[] = [];
      let pageToken = '';
      do {
        const page = await records.listRecords({ kind: 'machines', orderBy, pageSize: 7, pageToken });
        seen.push(...page.records.map(({ id }) => id));
        pageToken = page.nextPageToken;
        const comes = {
          record: { kind: 'machines', fields: { hostname: `n-${orderBy}-${seen.length}`.replaceAll(' ', '-') } },
        };
        const { record } = await records.createRecord(comes);
        await records.deleteRecord({ kind: 'machines', name: record?.id ?? '', etag: record?.etag ?? '' });
      } while (pageToken !== '');
      const ids = made.map(({ id }) => id);
      t.deepEqual([...seen].sort(), [...ids].sort(), orderBy);
    }
  });

  test(title('a page token is good for the list that it came from only'), async (t) => {
    const { records } = await startTracker(t, engine);
    await addMachines(records);
    const { nextPageToken } = await records.listRecords({ kind: 'machines', pageSize: 1 });
    const other = records.listRecords({ kind: 'machines', orderBy: 'hostname', pageToken: nextPageToken });
    t.is((await refused(t, other)).reason, 'INVALID_PAGE_TOKEN');
  });

  test(title('a mask leaves out the other fields'), async (t) => {
    const { records } = await startTracker(t, engine);
    await addMachines(records);
    const page = await records.listRecords({ kind: 'machines', readMask: ['owner'], pageSize: 1 });
    t.deepEqual(
      page.records.map(({ fields }) => fields),
      [{ owner: 'tony' }],
    );
  });

  test(title('a condition that cannot be is refused with what is allowed'), async (t) => {
    const { records } = await startTracker(t, engine);
    const filters = [
      { field: 'colour', condition: { $case: 'equals', value: 'red' } as const },
      { field: 'state', condition: { $case: 'equals', value: 'asleep' } as const },
      { field: 'tags', condition: { $case: 'prefix', value: 'a' } as const },
      { field: 'owner' },
    ];
    const error = await refused(
      t,
      records.listRecords({ kind: 'machines', filters, orderBy: 'tags', readMask: ['x'] }),
    );
    t.deepEqual(
      error.details.fields?.map(({ field, description }) => `${field}: ${description}`),
      [
        'filters[0].field: machines have no field "colour"; they have hostname, owner, state, job_id, tags',
        'filters[1]: state: is "asleep"; allowed are pxe, pxe_failed, idle, needs_repair, in_use',
        'filters[2]: tags: is no text; prefixes are for texts and addresses',
        'filters[3]: has no condition; give equals, one_of, range or prefix',
        'order_by: tags is a list, which has no order',
        'read_mask: machines have no field "x"; they have hostname, owner, state, job_id, tags',
      ],
    );
  });
});
