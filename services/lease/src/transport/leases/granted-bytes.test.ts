import { AcquireResponse } from '@berth/proto/berth/lease/v1/lease_service';
import { until } from '@berth/testkit';
import test from 'ava';
import { bench, openTestLab, request, TestStream } from '../../app/lab.fixture.js';
import { grantedBytes } from './granted-bytes.js';
import { leaseOf } from './lease-to-proto.js';

test('the bytes are the message, at the first grant of a bench and at each further one', async (t) => {
  const dut = { attributes: [], properties: { socket: 'ä'.repeat(200), key: '1' } };
  const full = { ...bench('b1', 'a'), location: 'lab', labels: { rack: '1' }, entities: { dut } };
  const { lab, close } = await openTestLab({ benches: [full, { ...bench('b2', 'b'), recycle: 'CLEAN' }] });
  t.teardown(close);
  const [a, b] = ['a', 'b'].flatMap((attribute) => request('x', attribute).requirements);
  for (const requirements of [[b!, a!], [a!]]) {
    const stream = new TestStream();
    const over = lab.acquire(request(`r${String(requirements.length)}`, 'a', { requirements }), stream, stream);
    const lease = await until(() => stream.lease, { what: 'the grant' });
    const message = leaseOf(lab, lease, true, 1500);
    t.is(message.benches.length, requirements.length);
    t.is(message.benches.at(-1)?.entities['dut']?.properties['key'], '1');
    t.deepEqual(AcquireResponse.decode(grantedBytes(lab, lease, 1500).bytes), {
      event: { $case: 'granted', value: { lease: message } },
    });
    stream.hangUp();
    await over;
  }
});
