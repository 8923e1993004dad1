import test from 'ava';
import type { PoolOptions } from '../../domain/options/options.js';
import { DEFAULT_OPTIONS } from '../../domain/options/options.js';
import { plainOptions } from '../../domain/options/plain-options.js';
import { invalidPools, readPools } from './read-pools.js';

const COMMANDS = 'cmd_new: /bin/make, cmd_delete: /bin/remove';
const LEAST = `{ ${COMMANDS} }`;

async function poolsIn(yaml: string): Promise<readonly PoolOptions[]> {
  const { pools, faults } = await readPools(yaml, 'pools.yaml');
  if (faults.length > 0) throw invalidPools(faults);
  return pools;
}

/** The pool `vms` of a file with this option besides the commands. */
async function poolWith(option: string): Promise<PoolOptions> {
  const [pool] = await poolsIn(`vms: { ${COMMANDS}, ${option} }`);
  if (pool === undefined) throw new Error('there is no pool');
  return pool;
}

const USUAL: PoolOptions = {
  ...DEFAULT_OPTIONS,
  name: 'vms',
  commands: { new: '/bin/make', delete: '/bin/remove' },
  sweep: { ...DEFAULT_OPTIONS.sweep, prefix: 'vms_' },
};

// The option's name; its default; the option in a file, and what that changes.
const OPTIONS: readonly (readonly [
  keyof ReturnType<typeof plainOptions>,
  unknown,
  string,
  Partial<Omit<PoolOptions, 'commands'>> & { readonly commands?: Partial<PoolOptions['commands']> },
])[] = [
  // Those of resalloc 6.3.
  ['max', 4, 'max: 7', { max: 7 }],
  ['max_starting', 1, 'max_starting: 2', { maxStarting: 2 }],
  ['max_prealloc', 2, 'max_prealloc: 0', { maxPrealloc: 0 }],
  ['start_delay', 0, 'start_delay: 10', { startDelayMs: 10_000 }],
  ['cmd_new', '/bin/make', 'cmd_new: /bin/allocate-vm x', { commands: { new: '/bin/allocate-vm x' } }],
  ['cmd_delete', '/bin/remove', 'cmd_delete: [/bin/rm, "a b"]', { commands: { delete: ['/bin/rm', 'a b'] } }],
  ['cmd_livecheck', undefined, 'cmd_livecheck: check', { commands: { livecheck: 'check' } }],
  ['cmd_release', undefined, 'cmd_release: clean', { commands: { release: 'clean' } }],
  ['cmd_list', undefined, 'cmd_list: list', { commands: { list: 'list' } }],
  ['livecheck_period', 600, 'livecheck_period: 300', { livecheckPeriodMs: 300_000 }],
  ['livecheck_attempts', 3, 'livecheck_attempts: 5', { livecheckAttempts: 5 }],
  [
    'tags',
    [],
    'tags: [{ name: a, priority: -5 }, b, { name: c }]',
    {
      tags: [
        { name: 'a', priority: -5 },
        { name: 'b', priority: 0 },
        { name: 'c', priority: 0 },
      ],
    },
  ],
  ['tags_on_demand', [], 'tags_on_demand: [beefy]', { tagsOnDemand: [{ name: 'beefy', priority: 0 }], maxPrealloc: 0 }],
  ['reuse_opportunity_time', 0, 'reuse_opportunity_time: 45', { reuseOpportunityMs: 45_000 }],
  ['reuse_max_count', 0, 'reuse_max_count: 8', { reuseMaxCount: 8 }],
  ['reuse_max_time', 3600, 'reuse_max_time: 1800', { reuseMaxMs: 1_800_000 }],
  ['named_counters', [], 'named_counters: [port, slot]', { namedCounters: ['port', 'slot'] }],
  ['description', undefined, 'description: big ones', { description: 'big ones' }],
  [
    'name_pattern',
    '{pool_name}_{id}_{datetime}',
    'name_pattern: "x-{id}"',
    { namePattern: 'x-{id}', sweep: { ...USUAL.sweep, prefix: 'x-' } },
  ],
  // Berth's own.
  ['lab', 'default', 'lab: north', { lab: 'north' }],
  ['state', 'active', 'state: evacuating', { state: 'EVACUATING' }],
  [
    'timeouts',
    { new: '30m', delete: '10m', release: '10m', livecheck: '1m', list: '2m' },
    'timeouts: { new: 5, livecheck: 1500ms }',
    { timeoutsMs: { ...USUAL.timeoutsMs, new: 5000, livecheck: 1500 } },
  ],
  [
    'retry',
    { initial: '10s', max: '10m', factor: 2 },
    'retry: { initial: 1s, factor: 1.5 }',
    { retry: { initialMs: 1000, maxMs: 600_000, factor: 1.5 } },
  ],
  [
    'sweep',
    { period: '30m', prefix: 'vms_', grace: '1h', max_deletions: 10 },
    'sweep: { prefix: vms_0, grace: 0, max_deletions: 2 }',
    { sweep: { periodMs: 1_800_000, prefix: 'vms_0', graceMs: 0, maxDeletions: 2 } },
  ],
  ['idle_grace', '0', 'idle_grace: 5m', { idleGraceMs: 300_000 }],
  [
    'env',
    { pass: ['PATH', 'HOME', 'USER', 'LANG', 'TZ'], set: {} },
    'env: { pass: [AWS_*], set: { REGION: "eu 1" } }',
    { env: { pass: ['AWS_*'], set: { REGION: 'eu 1' } } },
  ],
  ['user', undefined, 'user: lab', { user: 'lab' }],
  ['shell', true, 'shell: false', { shell: false }],
  ['output_limit', 512, 'output_limit: 4 KiB', { outputLimitBytes: 4096 }],
  ['log_limit', 1_048_576, 'log_limit: 2000', { logLimitBytes: 2000 }],
];

for (const [name, usual, given, changes] of OPTIONS) {
  test(`option ${name} has its default, and what is set`, async (t) => {
    const unless = ['cmd_new', 'cmd_delete'].includes(String(name)) ? String(name) : 'none';
    t.deepEqual(plainOptions((await poolsIn(`vms: ${LEAST}`))[0]!)[name], usual as never);
    const commands = COMMANDS.split(', ').filter((command) => !command.startsWith(unless));
    const [pool] = await poolsIn(`vms: { ${[...commands, given].join(', ')} }`);
    t.deepEqual(pool, { ...USUAL, ...changes, commands: { ...USUAL.commands, ...changes.commands } });
  });
}

test('the table has all options', async (t) => {
  const every = await poolWith('user: lab, description: d, cmd_livecheck: a, cmd_release: b, cmd_list: c');
  t.deepEqual(Object.keys(plainOptions(every)).sort(), OPTIONS.map(([name]) => String(name)).sort());
  t.deepEqual((await poolsIn(`vms: ${LEAST}`))[0], USUAL);
});

test('a pool with tags on demand makes nothing ahead, which is warned of', async (t) => {
  const yaml = `a:\n  cmd_new: x\n  cmd_delete: y\n  max_prealloc: 5\n  tags_on_demand: [beefy]\n`;
  const { pools, warnings } = await readPools(yaml, 'pools.yaml');
  t.is(pools[0]?.maxPrealloc, 0);
  t.deepEqual(warnings, ['pools.yaml:4:3: a.max_prealloc: counts as 0, since the pool has tags_on_demand']);
  t.deepEqual((await readPools(`a: ${LEAST}`, 'pools.yaml')).warnings, []);
});

test('an empty file has no pools', async (t) => {
  t.deepEqual(await poolsIn('# nothing yet\n'), []);
});

const WRONG: readonly (readonly [string, string, RegExp])[] = [
  ['an unknown option', `a: { ${COMMANDS}, max_startin: 1 }`, /1:51: a\.max_startin: .*did you mean 'max_starting'\?/],
  [
    'an unknown part of an option',
    `a: { ${COMMANDS}, timeouts: { nu: 1 } }`,
    /1:63: a\.timeouts\.nu: .*Allowed here: new,/,
  ],
  ['no cmd_new', 'a:\n  cmd_delete: x\n', /1:1: a: has no 'cmd_new'/],
  ['no cmd_delete', 'a:\n  cmd_new: x\n', /1:1: a: has no 'cmd_delete'/],
  ['an empty cmd_new', 'a: { cmd_new: "", cmd_delete: x }', /a\.cmd_new: is empty/],
  [
    'a cmd_delete that YAML reads as true',
    'a: { cmd_new: x, cmd_delete: true }',
    /1:18: a\.cmd_delete: is the boolean true.*in quotes/,
  ],
  ['an empty value', `a: { ${COMMANDS}, max: }`, /a\.max: is empty; a whole number from 0 to 10000/],
  ['max below 0', `a: { ${COMMANDS}, max: -1 }`, /1:51: a\.max: is the number -1; a whole number from 0/],
  ['max that is a text', `a: { ${COMMANDS}, max: "4" }`, /a\.max: is the text "4"; a whole number/],
  [
    'a span without unit',
    `a: { ${COMMANDS}, idle_grace: "10" }`,
    /a\.idle_grace: is the text "10"; seconds as a number/,
  ],
  ['a span below 0', `a: { ${COMMANDS}, start_delay: -1 }`, /a\.start_delay: is the number -1; seconds/],
  ['a livecheck without pause', `a: { ${COMMANDS}, livecheck_period: 0 }`, /a\.livecheck_period: .*more than 0/],
  ['tags that are a text', `a: { ${COMMANDS}, tags: x }`, /1:51: a\.tags: is the text "x"; a list such as \[a, b\]/],
  [
    'a tag with a comma',
    `a: { ${COMMANDS}, tags: [a, "b,c"] }`,
    /1:61: a\.tags\.1: is "b,c"; an attribute has no comma/,
  ],
  ['a tag twice', `a: { ${COMMANDS}, tags: [b, { name: b }] }`, /a\.tags\.1: "b" stands twice/],
  ['a tag without name', `a: { ${COMMANDS}, tags: [{ priority: 1 }] }`, /a\.tags\.0: has no 'name'/],
  ['half a priority', `a: { ${COMMANDS}, tags: [{ name: b, priority: 0.5 }] }`, /a\.tags\.0\.priority: is 0\.5/],
  [
    'an unknown part of a tag',
    `a: { ${COMMANDS}, tags: [{ name: b, prio: 5 }] }`,
    /a\.tags\.0\.prio: there is no such/,
  ],
  [
    'a tag on demand in the tags of another pool',
    `a: { ${COMMANDS}, tags_on_demand: [x, b] }\nc: { ${COMMANDS}, tags: [b] }`,
    /2:58: c\.tags\.0: 'b' is a tag on demand of pool 'a' \(pools\.yaml:1:71\)/,
  ],
  [
    'a tag on demand in the tags of its own pool',
    `a: { ${COMMANDS}, tags_on_demand: [b], tags: [b] }`,
    /a\.tags\.0: 'b' is a tag on demand of pool 'a'/,
  ],
  ['a pool twice', `a: ${LEAST}\nb: ${LEAST}\na: ${LEAST}\n`, /3:1: a: 'a' stands twice, first in line 1/],
  ['an option twice', `a: { ${COMMANDS}, max: 1, max: 2 }`, /1:59: a\.max: 'max' stands twice/],
  ['a pool without options', 'a:\n', /1:1: a: is empty; a mapping of options/],
  ['a file that is a list', `- ${LEAST}`, /1:1: is a list; a mapping of pools/],
  ['a name of a pool with white space', `"a b": ${LEAST}`, /1:1: a b: the pool's name is "a b"; allowed are letters/],
  ['a name of a pool that is too long', `${'a'.repeat(101)}: ${LEAST}`, /the pool's name has 101 characters/],
  [
    'a name pattern with an unknown field',
    `a: { ${COMMANDS}, name_pattern: "{date}-{id}" }`,
    /a\.name_pattern: has '\{date\}'/,
  ],
  ['a name pattern without number', `a: { ${COMMANDS}, name_pattern: "a" }`, /a\.name_pattern: has no \{id\}/],
  [
    'a name that no bench may have',
    `a: { ${COMMANDS}, name_pattern: "a {id}" }`,
    /a\.name_pattern: makes names that no bench/,
  ],
  [
    'a name that is too long',
    `a: { ${COMMANDS}, name_pattern: "${'a'.repeat(125)}{id}" }`,
    /no bench .*has 135 characters/,
  ],
  [
    'cmd_list without prefix',
    `a: { ${COMMANDS}, cmd_list: x, name_pattern: "{id}_a" }`,
    /1:51: a\.cmd_list: cmd_list needs a prefix/,
  ],
  [
    'cmd_list with an empty prefix',
    `a: { ${COMMANDS}, cmd_list: x, sweep: { prefix: "" } }`,
    /a\.sweep\.prefix: cmd_list needs a prefix/,
  ],
  [
    'a prefix of other names',
    `a: { ${COMMANDS}, sweep: { prefix: b_ } }`,
    /a\.sweep\.prefix: is 'b_'; names .* with 'a_'/,
  ],
  [
    'a state that there is not',
    `a: { ${COMMANDS}, state: off }`,
    /a\.state: is the text "off"; allowed are active, paused/,
  ],
  ['a lab with a bad name', `a: { ${COMMANDS}, lab: A }`, /a\.lab: is 'A'; allowed are/],
  [
    'a text with white space and no shell',
    `a: { ${COMMANDS}, shell: false, cmd_list: ls -l }`,
    /a\.cmd_list: has white space/,
  ],
  ['a list with a number', `a: { cmd_new: [sleep, 1], cmd_delete: x }`, /a\.cmd_new\.1: is the number 1; .* in quotes/],
  ['a retry that shrinks', `a: { ${COMMANDS}, retry: { factor: 0.5 } }`, /a\.retry\.factor: is the number 0\.5/],
  [
    'a retry that ends before it begins',
    `a: { ${COMMANDS}, retry: { max: 1s } }`,
    /a\.retry\.max: is less than retry\.initial/,
  ],
  [
    'more output than a property holds',
    `a: { ${COMMANDS}, output_limit: 13 KiB }`,
    /a\.output_limit: .*from 0 to 12288/,
  ],
  [
    'a variable that Berth sets',
    `a: { ${COMMANDS}, env: { set: { BERTH_ID: "1" } } }`,
    /a\.env\.set\.BERTH_ID: is for what Berth/,
  ],
  [
    'a variable that is a number',
    `a: { ${COMMANDS}, env: { set: { N: 1 } } }`,
    /a\.env\.set\.N: is the number 1; .*quotes/,
  ],
  [
    'a variable that is none',
    `a: { ${COMMANDS}, env: { set: { "A-B": x } } }`,
    /a\.env\.set\.A-B: is not the name of a variable/,
  ],
  ['a pattern of variables that is none', `a: { ${COMMANDS}, env: { pass: ["A B"] } }`, /a\.env\.pass\.0: is "A B"/],
  [
    'a counter that cannot be in a variable',
    `a: { ${COMMANDS}, named_counters: [a-b] }`,
    /a\.named_counters\.0: is "a-b"/,
  ],
  ['a user that is an option', `a: { ${COMMANDS}, user: "-x" }`, /a\.user: is "-x"; a user's name/],
  ['YAML that is none', 'a: {', /1:5: /],
  [
    'two documents',
    `a: ${LEAST}\n---\nb: ${LEAST}`,
    /a second document begins; a file has one \(write all pools into one\)/,
  ],
  [
    'an option of JavaScript',
    `a: { ${COMMANDS}, __proto__: { max: 1 }, constructor: 1 }`,
    /a\.constructor: there is no such/,
  ],
  ['a file of 1 MB', `a: ${LEAST}\n${'#'.repeat(1_000_000)}`, /has 10\d+ bytes; at most 921600 \(900 KiB\)/],
  [
    'an alias bomb',
    `${Array.from({ length: 30 }, (_, i) => `p${i}: &p${i} [${i === 0 ? 'x' : `*p${i - 1}, *p${i - 1}`}]`).join('\n')}\n`,
    /grows too large when its aliases/,
  ],
];

for (const [what, yaml, expected] of WRONG) {
  test(`${what} is refused`, async (t) => {
    const { pools, faults } = await readPools(yaml, 'pools.yaml');
    t.deepEqual(pools, []);
    const error = invalidPools(faults);
    t.is(error.reason, 'INVALID_POOLS');
    t.regex(error.message, expected);
  });
}

test('every fault is told, by line and column, and as a field', async (t) => {
  const yaml = 'a:\n  max: -1\n  cmd_new: x\n  colour: red\nb:\n  cmd_delete: y\n  tags: [1]\n  cmd_new: [""]\n';
  const { faults } = await readPools(yaml, 'pools.yaml');
  t.deepEqual(
    faults.map(({ where, path }) => `${where} ${path}`),
    [
      'pools.yaml:1:1 a',
      'pools.yaml:2:3 a.max',
      'pools.yaml:4:3 a.colour',
      'pools.yaml:7:10 b.tags.0',
      'pools.yaml:8:3 b.cmd_new',
    ],
  );
  const { message, details } = invalidPools(faults);
  t.regex(message, /^the file of pools has 5 faults; the pools in force stay as they were:\n/);
  t.deepEqual(details.fields?.[1], {
    field: 'a.max',
    description: 'pools.yaml:2:3: is the number -1; a whole number from 0 to 10000 is expected',
  });
});

test('of very many faults the first are told', async (t) => {
  const yaml = Array.from({ length: 300 }, (_, i) => `p${i}: ${i}\n`).join('');
  const { message } = invalidPools((await readPools(yaml, 'pools.yaml')).faults);
  t.is(message.split('\n').length, 102);
  t.regex(message, /and so on: 200 more$/);
});

test('a pool takes over options of another one by <<', async (t) => {
  const [a, b] = await poolsIn(`
a: &a
  cmd_new: make
  cmd_delete: remove
  max: 7
  tags: [vm]
b:
  <<: *a
  max: 2
`);
  t.like(a, { max: 7 });
  t.like(b, { ...a, name: 'b', max: 2, sweep: { ...a?.sweep, prefix: 'b_' } });
  const { faults } = await readPools('a: &a\n  cmd_new: x\n  cmd_delete: y\n  max: -1\nb: { <<: *a }\n', 'pools.yaml');
  t.deepEqual(
    faults.map(({ where, path }) => `${where} ${path}`),
    ['pools.yaml:4:3 a.max', 'pools.yaml:4:3 b.max'],
  );
});

test("resalloc's own file loads", async (t) => {
  const [pool] = await poolsIn(`
pool_vm_jenkins_x86_64:
    max: 7
    max_starting: 2
    start_delay: 0
    max_prealloc: 4
    cmd_new: "/bin/allocate-vm"
    cmd_livecheck: "/bin/check-vm"
    livecheck_period: 300
    livecheck_attempts: 3
    cmd_delete: "/bin/terminate-vm"
    cmd_list: /bin/list-libvirt-machines-in-pool
    tags:
        - name: compute_node
          priority: 5
        - ci_test_machine_x86_64
        - ci_test_machine
    reuse_opportunity_time: 0
    reuse_max_count: 0
    reuse_max_time: 3600
`);
  t.like(pool, { name: 'pool_vm_jenkins_x86_64', max: 7, maxPrealloc: 4, livecheckPeriodMs: 300_000 });
  t.is(pool?.sweep.prefix, 'pool_vm_jenkins_x86_64_');
});
