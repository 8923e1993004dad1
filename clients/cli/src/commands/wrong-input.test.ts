import { type Berthd, freePort, startBerthd } from '@berth/testkit';
import test from 'ava';
import { berth } from '../berth-process.fixture.js';

let berthd: Berthd;
test.before(async () => {
  berthd = await startBerthd({ inventory: 'pool: { name: p, resources: { resource1: { attributes: [a] } } }' });
});
test.after.always(async () => {
  await berthd.stop();
});

const CASES: readonly [title: string, args: readonly string[], code: number, says: RegExp][] = [
  [
    'an unknown flag',
    ['run', '--bnech', 'x', '--', 'true'],
    64,
    /unknown option '--bnech'\n\(Did you mean --bench\?\)\n.*berth run --help/,
  ],
  ['an unknown command', ['realese', 'x'], 64, /unknown command 'realese'\n\(Did you mean release\?\)/],
  ['a span without a unit', ['run', '--bench', 'x', '--wait', '10', '--', 'true'], 64, /"10" is no span of time.*10m/],
  ['no command to run', ['run', '--bench', 'resource1'], 64, /no command to run was given\n {2}next: put it after --/],
  ['no bench asked for', ['run', '--', 'true'], 64, /no bench was asked for\n {2}next: say --bench/],
  [
    'a command that is not there',
    ['run', '--bench', 'resource1', '--', 'no-such-command'],
    64,
    /'no-such-command' cannot be run: there is no such command/,
  ],
  ['an unknown bench', ['run', '--bench', 'resorce1', '--', 'true'], 1, /did you mean 'resource1'/],
  ['an unknown bench to show', ['bench', 'show', 'resorce1'], 1, /there is no bench 'resorce1'.*\[NO_SUCH_BENCH\]/],
  ['a bad query', ['bench', 'ls', '--query', 'attribute=[a]'], 64, /attribute.*\[INVALID_QUERY\]/],
  [
    'a priority out of range',
    ['run', '--attr', 'a', '--priority', '101', '--', 'true'],
    64,
    /priority.*\[INVALID_FIELD\]/,
  ],
  ['a count of 0', ['run', '--attr', 'a', '--count', '0', '--', 'true'], 64, /count.*\[INVALID_FIELD\]/],
  ['a free bench to release', ['release', 'resource1'], 1, /nobody holds resource1/],
  ['an inventory file that is not there', ['inventory', 'validate', 'none.yaml'], 64, /no such file.*none\.yaml/],
  ['an unknown format', ['ls', '-o', 'xml'], 64, /--output says output "xml"|output.*"xml"/],
  [
    'a viewer who wants to operate',
    ['maintenance', 'on', 'resource1', '--reason', 'x', '--role', 'viewer'],
    77,
    /\[PERMISSION_DENIED\]/,
  ],
];

for (const [title, args, code, says] of CASES) {
  test(`${title} is refused with exit code ${String(code)} and what to do`, async (t) => {
    const result = await berth(t, { address: berthd.address }, ...args);
    t.is(result.code, code, result.stderr);
    t.regex(result.stderr, says);
    t.is(result.stdout, '');
  });
}

test('an inventory with faults is refused with line, column and path', async (t) => {
  const text = 'pool:\n  name: p\n  resources:\n    r1: { attributs: [a] }\n';
  const there = { address: berthd.address, stdin: text };
  const result = await berth(t, there, 'inventory', 'validate', '-');
  t.is(result.code, 64);
  t.regex(result.stderr, /attributs/);
  t.regex(result.stderr, /4:\d+|line 4/);
});

test('an error is one JSON object with -o json', async (t) => {
  const { code, stderr } = await berth(t, { address: berthd.address }, 'bench', 'show', 'none', '-o', 'json');
  t.is(code, 1);
  t.like(JSON.parse(stderr), { error: { reason: 'NO_SUCH_BENCH', code: 'NOT_FOUND' } });
});

test('without a server the exit code is 69, and the address and its source are named', async (t) => {
  const address = `127.0.0.1:${String(await freePort())}`;
  const { code, stderr } = await berth(t, { address }, 'ls');
  t.is(code, 69);
  t.true(stderr.includes(`no Berth server answers at ${address}`));
  t.regex(stderr, /next: start one with `npm start`.*BERTH_ADDRESS/);
});
