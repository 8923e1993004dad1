import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Berth } from '@berth/client';
import { connect } from '@berth/client';
import type { Berthd } from '@berth/testkit';
import { lives, requireServer, startBerthd, until } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';

const ROOT = join(import.meta.dirname, '../..');

const INVENTORY = `
pool:
  resources:
    resource1:
      location: office1
      properties: { room: "12", user: not-me }
      entities:
        dut: { attributes: [e], properties: { socket: 127.0.0.1:4567, greeting: "say \\"hi\\" \\\\ and\\ngo" } }
        usb-hub: { properties: { port.1: "on" } }
    turn: {}
    revoked: {}
    killed: {}
    ended: {}
    busy: {}
`;

interface Script {
  readonly pid: number;
  readonly out: () => string;
  readonly err: () => string;
  readonly ended: Promise<number | NodeJS.Signals>;
  signal(name: NodeJS.Signals): void;
}

function run(t: ExecutionContext, url: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Script {
  const child = spawn(join(ROOT, 'examples/curl.sh'), args, {
    cwd: ROOT,
    env: { ...process.env, BERTH_URL: url, BERTH_USER: 'ann', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  let [out, err] = ['', ''];
  child.stdout.on('data', (data: Buffer) => (out += String(data)));
  child.stderr.on('data', (data: Buffer) => (err += String(data)));
  const ended = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once('close', (code, signal) => {
      resolve(signal ?? code ?? 0);
    });
  });
  return { pid: child.pid ?? 0, out: () => out, err: () => err, ended, signal: (name) => void child.kill(name) };
}

if (requireServer(test, 'curl')) {
  let berthd: Berthd;
  let berth: Berth;
  test.before(async () => {
    berthd = await startBerthd({ inventory: INVENTORY, settings: { http: { listen: '127.0.0.1:0' } } });
    berth = connect({ address: berthd.address, user: 'olga', role: 'operator' });
  });
  test.after.always(async () => {
    berth.close();
    await berthd.stop();
  });
  const script = (t: ExecutionContext, ...args: string[]): Script => run(t, berthd.http ?? '', args);
  const holderOf = async (name: string) => (await berth.inventory.getBench({ name })).bench?.holder;
  const said = (what: () => string, pattern: RegExp) =>
    until(() => pattern.exec(what()), { what: `${String(pattern)} in what was said` });

  test('the script runs its command with variables for the properties, and exits with its code', async (t) => {
    const { ended, out, err } = script(
      t,
      'location=office1&entity_properties=[[e]]&wait=10m&description=nightly run',
      '--',
      'sh',
      '-c',
      'env | grep ^BERTH_ | sort; printf "<%s>\\n" "$BERTH_DUT_GREETING"; exit 3',
    );
    t.is(await ended, 3, err());
    t.regex(out(), /^BERTH_BENCH=resource1$/m);
    t.regex(out(), /^BERTH_LEASE_ID=\S+$/m);
    t.regex(out(), /^BERTH_FENCING_TOKEN=\d+$/m);
    t.regex(out(), /^BERTH_DUT_SOCKET=127\.0\.0\.1:4567$/m);
    t.regex(out(), /^BERTH_USB_HUB_PORT_1=on$/m);
    t.regex(out(), /^BERTH_ROOM=12$/m);
    t.regex(out(), /^BERTH_USER=ann$/m, 'a property does not change who calls');
    t.regex(out(), /<say "hi" \\ and\ngo>/);
    t.regex(err(), /^curl\.sh: holding resource1, token \d+$/m);
    await until(async () => (await holderOf('resource1')) === '', { what: 'the bench to be given back' });
  });

  test('it tells the queue while it waits, and starts when its turn comes', async (t) => {
    const first = await berth.acquire({ bench: 'turn' });
    const waiting = script(t, 'resource=turn', 'sh', '-c', 'echo on $BERTH_BENCH');
    await said(waiting.err, /^curl\.sh: place 1 of \d+; turn \(held by olga\)$/m);
    t.is(waiting.out(), '');
    await first.release();
    t.is(await waiting.ended, 0, waiting.err());
    t.is(waiting.out(), 'on turn\n');
  });

  test('it ends its command, and all that this started, when the lease ends', async (t) => {
    const { ended, out, err } = script(t, 'resource=revoked', 'sh', '-c', 'sleep 600 & echo $!; wait');
    const [sleeper] = await said(out, /\d+/);
    const [lease] = (await berth.lease.listLeases({ bench: 'revoked' })).leases;
    await berth.lease.revoke({ leaseId: lease?.id ?? '', reason: 'needed elsewhere' });
    t.is(await ended, 70, err());
    t.regex(err(), /^curl\.sh: the lease is over: needed elsewhere \(olga\)$/m);
    await until(() => !lives(Number(sleeper)), { what: 'what the command started to end' });
  });

  test('ended by a signal it ends its command and gives the bench back; so it does while it waits', async (t) => {
    const held = script(
      t,
      'resource=ended',
      'sh',
      '-c',
      'trap "echo stopping; exit 5" TERM; echo up; sleep 600 & wait',
    );
    await said(held.out, /up/);
    const waiting = script(t, 'resource=ended', 'true');
    await said(waiting.err, /place 1/);
    waiting.signal('SIGTERM');
    t.is(await waiting.ended, 143);
    await until(async () => (await berth.lease.listQueue({ bench: 'ended' })).requests.length === 0, {
      what: 'the waiting one to leave',
    });
    held.signal('SIGTERM');
    t.is(await held.ended, 5, held.err());
    t.regex(held.out(), /stopping/);
    await until(async () => (await holderOf('ended')) === '', { what: 'the bench to be given back' });
  });

  test('killed by SIGKILL it leaves neither a lease nor a command behind', async (t) => {
    const killed = script(t, 'resource=killed', 'sh', '-c', 'echo $$; exec sleep 600');
    const [command] = await said(killed.out, /\d+/);
    killed.signal('SIGKILL');
    await killed.ended;
    await until(async () => (await holderOf('killed')) === '', { what: 'the bench to be given back' });
    await until(() => !lives(Number(command)), { what: 'the command to end' });
    t.is(killed.err().match(/holding/g)?.length, 1);
  });

  test('its exit code says why it did not start', async (t) => {
    await using held = await berth.acquire({ bench: 'busy' });
    const codes: unknown[] = [];
    for (const args of [['resource=busy'], ['resource=busy&wait=0', 'true'], ['resource=busy&wait=0.2', 'true']]) {
      codes.push(await script(t, ...args).ended);
    }
    const none = script(t, 'resource=nothere', 'true');
    codes.push(await none.ended);
    t.regex(none.err(), /^curl\.sh: what is wanted \(bench=nothere\): no bench and no pool could ever meet this/m);
    const away = run(t, 'http://127.0.0.1:1', ['resource=busy', 'true']);
    codes.push(await away.ended);
    t.regex(away.err(), /^curl: .*connect/m);
    t.deepEqual(codes, [64, 75, 75, 69, 69]);
    t.is(held.bench.name, 'busy');
  });

  test('no process list shows its token', async (t) => {
    const waiting = run(t, berthd.http ?? '', ['resource=turn', 'sh', '-c', 'echo up; sleep 600'], {
      BERTH_TOKEN: 'se5ame',
    });
    await until(() => waiting.out() !== '' || waiting.err() !== '', { what: 'it to say something' });
    const lines = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((pid) => {
        try {
          return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        } catch {
          return '';
        }
      });
    t.true(lines.some((line) => line.includes('resource=turn')));
    t.false(lines.some((line) => line.includes('se5ame')));
    waiting.signal('SIGTERM');
    await waiting.ended;
  });
}
