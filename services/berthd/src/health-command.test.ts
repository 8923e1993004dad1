import { freePort, startBerthd, tempFolder } from '@berth/testkit';
import test from 'ava';
import { berthd } from './berthd-process.fixture.js';

interface Told {
  readonly status: string;
  readonly address: string;
  readonly version?: string;
  readonly service?: string;
  readonly why?: string;
}

test('health is an exit code and a line, over gRPC and over HTTP', async (t) => {
  const running = await startBerthd({ settings: { roles: ['lease'], http: { listen: '127.0.0.1:0' } } });
  t.teardown(() => running.stop());
  const http = running.http ?? '';
  const lease = 'berth.lease.v1.LeaseService';
  for (const args of [
    ['--address', running.address],
    ['--address', running.address, '--service', lease],
    ['--http', http],
    ['--http', http.replace('http://', ''), '--service', lease],
  ]) {
    const run = berthd(t, ['health', ...args]);
    t.is(await run.ended, 0, run.err());
    t.regex(run.out(), /^SERVING .*127\.0\.0\.1:\d+ \(\d+\.\d+\.\d+\)\n$/, args.join(' '));
  }
  const told = berthd(t, ['health', '--address', running.address, '-o', 'json', '--service', lease]);
  t.is(await told.ended, 0);
  t.like(JSON.parse(told.out()), { status: 'SERVING', address: running.address, service: lease, troubles: [] });
  const own = berthd(t, ['health'], { BERTH_LISTEN: running.address });
  t.is(await own.ended, 0, 'without an address it is the one of the configuration');
});

test('what does not answer, and a service that is not there, is exit code 1 with the reason', async (t) => {
  const running = await startBerthd({ settings: { roles: ['lease'], http: { listen: '127.0.0.1:0' } } });
  t.teardown(() => running.stop());
  const nobody = `127.0.0.1:${String(await freePort())}`;
  for (const [args, why] of [
    [['--address', nobody], /^UNREACHABLE 127\.0\.0\.1:\d+: .*ECONNREFUSED/],
    [['--http', nobody], /^UNREACHABLE http:\/\/127\.0\.0\.1:\d+: .*ECONNREFUSED/],
    [['--address', running.address, '--service', 'a.B'], /^UNREACHABLE a\.B at .*no service 'a\.B'/],
    [['--http', running.http ?? '', '--service', 'a.B'], /^UNREACHABLE a\.B at .*no service 'a\.B'/],
  ] as const) {
    const run = berthd(t, ['health', '--timeout', '5000', ...args]);
    t.is(await run.ended, 1, run.err());
    t.regex(run.out(), why);
    t.is(run.out().split('\n').length, 2, 'one line');
  }
  const json = berthd(t, ['health', '--address', nobody, '-o', 'json']);
  t.is(await json.ended, 1);
  const { status, address, why = '' } = JSON.parse(json.out()) as Told;
  t.deepEqual([status, address], ['UNREACHABLE', nobody]);
  t.regex(why, /ECONNREFUSED/);
});

test('what cannot be asked is said before it is tried', async (t) => {
  for (const [args, told] of [
    [['--http', 'none'], /--http: "none" is no address; write HOST:PORT/],
    [['--config', `${tempFolder(t)}/none.yaml`], /there is no such file/],
  ] as const) {
    const run = berthd(t, ['health', ...args]);
    t.is(await run.ended, 78);
    t.regex(run.err(), told);
  }
  const free = berthd(t, ['health'], { BERTH_LISTEN: '127.0.0.1:0' });
  t.is(await free.ended, 78);
  t.regex(free.err(), /port 0 is a free port.*--address/);
  const help = berthd(t, ['health', '--help']);
  t.is(await help.ended, 0);
  t.regex(help.out(), /code 0: it serves, 1: it does not/);
});
