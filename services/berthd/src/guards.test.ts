import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { BerthError, connect } from '@berth/client';
import { newToken } from '@berth/server';
import type { Berthd } from '@berth/testkit';
import { berthdCommandLine, makeAuthority, startBerthd, tempFolder, until } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';

const run = promisify(execFile);

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the bundled berthd to its end. */
async function berthd(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const [program, ...first] = berthdCommandLine();
  try {
    const { stdout, stderr } = await run(program, [...first, ...args], { env: { ...process.env, ...env } });
    return { code: 0, out: stdout, err: stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, out: stdout, err: stderr };
  }
}

async function started(t: ExecutionContext, options: Parameters<typeof startBerthd>[0]): Promise<Berthd> {
  const one = await startBerthd(options);
  t.teardown(() => one.stop());
  return one;
}

test('token new prints a token once; its line, in the file, lets its caller in', async (t) => {
  const file = join(tempFolder(t), 'tokens.yaml');
  const shown = await berthd(['token', 'new', 'ann', '--role', 'operator', '--team', 'cats']);
  const [token = '', , , line = ''] = shown.out.split('\n');
  t.regex(token, /^berth_/);
  t.regex(line, /^- \{ name: "ann", role: operator, team: "cats", sha256: "[0-9a-f]{64}" \}$/);
  writeFileSync(file, line);
  const added = await berthd(['token', 'new', 'pi', '--bench', 'b1', '--bench', 'b2', '--append', file]);
  t.regex(added.out, /^berth_[\w-]{43}\n$/);
  t.is(readFileSync(file, 'utf8').trimEnd().split('\n').length, 2);
  const made = join(tempFolder(t), 'made.yaml');
  t.is((await berthd(['token', 'new', 'x', '--append', made])).code, 0);
  t.is(statSync(made).mode & 0o777, 0o600);
  const one = await started(t, { settings: { auth: { tokens: file } } });
  await using ann = connect({ address: one.address, token });
  t.like(await ann.identity.whoAmI({}), { name: 'ann', role: 'operator', team: 'cats', via: 'token' });
  await using pi = connect({ address: one.address, token: added.out.trim() });
  t.like(await pi.identity.whoAmI({}), { name: 'pi', role: 'viewer', benches: ['b1', 'b2'] });
  await using nobody = connect({ address: one.address, user: 'ann', token: '' });
  const refused = await t.throwsAsync(nobody.lease.listQueue({}), { instanceOf: BerthError });
  t.is(refused.reason, 'NOT_AUTHENTICATED');
});

test('what cannot be a token changes nothing and is refused', async (t) => {
  const file = join(tempFolder(t), 'tokens.yaml');
  writeFileSync(file, '{}\n');
  for (const [args, told, code] of [
    [['x', '--append', file], /tokens\.yaml/, 78],
    [['x', '--expires', 'soon'], /expires/, 78],
    [['x', '--role', 'king'], /Allowed choices are viewer, user, operator, admin/, 1],
    [['x', '--bench', 'b', '--role', 'user'], /must be viewer or left out/, 78],
  ] as const) {
    const ended = await berthd(['token', 'new', ...args]);
    t.regex(ended.err, told);
    t.is(ended.code, code);
    t.is(ended.out, '');
  }
  t.is(readFileSync(file, 'utf8'), '{}\n');
});

test('an address that other machines reach takes auth, or --insecure', async (t) => {
  const dataDir = tempFolder(t);
  const file = join(dataDir, 'tokens.yaml');
  writeFileSync(file, newToken({ name: 'ann', role: 'user' }).line);
  const refused = await berthd(['--listen', '0.0.0.0:0', '--http', 'none', '--data-dir', dataDir]);
  t.is(refused.code, 78);
  t.regex(refused.err, /refusing to listen on 0\.0\.0\.0:0: .*auth.*--insecure/);
  const faulty = await berthd(['config', 'validate'], { BERTH_AUTH_SERVICES: '[gateway]' });
  t.is(faulty.code, 78);
  t.regex(faulty.err, /auth: nobody could be made out/);
  const good = await berthd(['config', 'validate', '--listen', '0.0.0.0:0'], { BERTH_AUTH_TOKENS: file });
  t.is(good.code, 0, good.err);
  const missing = await berthd(['config', 'validate'], { BERTH_AUTH_TOKENS: join(dataDir, 'nowhere.yaml') });
  t.is(missing.code, 78);
});

test('what an operator changes and who is refused stands in the audit, which a kill leaves whole', async (t) => {
  const folder = tempFolder(t);
  const [tokens, dir] = [join(folder, 'tokens.yaml'), join(folder, 'audit')];
  const [olga, ulf] = [newToken({ name: 'olga', role: 'operator' }), newToken({ name: 'ulf', role: 'user' })];
  writeFileSync(tokens, `${olga.line}\n${ulf.line}\n`);
  const one = await started(t, { settings: { auth: { tokens }, audit: { dir } } });
  await using operator = connect({ address: one.address, token: olga.token });
  await using user = connect({ address: one.address, token: ulf.token });
  await operator.inventory.createBench({ bench: { name: 'b1', properties: { password: 'hunter2' } } });
  await t.throwsAsync(user.inventory.deleteBench({ name: 'b1' }), { instanceOf: BerthError });
  await one.kill('SIGKILL');
  const [file = ''] = readdirSync(dir).map((name) => join(dir, name));
  const text = readFileSync(file, 'utf8');
  const entries = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, string>);
  t.like(
    entries.find(({ method }) => method?.endsWith('CreateBench')),
    {
      decision: 'allowed',
      caller: 'olga',
      via: 'token',
      target: 'bench.name=b1',
    },
  );
  t.like(
    entries.find(({ method }) => method?.endsWith('DeleteBench')),
    {
      decision: 'refused',
      caller: 'ulf',
      reason: 'PERMISSION_DENIED',
      target: 'name=b1',
    },
  );
  t.false(text.includes('hunter2'));
  const whole = await berthd(['audit', 'verify', file]);
  t.is(whole.code, 0);
  t.is(whole.out, `${file}: ${String(entries.length)} lines, all as they were written\n`);
  writeFileSync(file, text.replace('olga', 'eva'));
  const changed = await berthd(['audit', 'verify', file]);
  t.is(changed.code, 1);
  t.is(
    changed.out,
    `${file}: line ${String(text.split('\n').findIndex((line) => line.includes('olga')) + 1)} was changed\n`,
  );
  t.is((await berthd(['audit', 'verify', join(dir, 'nowhere')])).code, 78);
});

const POOLS = `
numbers:
  max: 1
  cmd_new: echo 42
  cmd_delete: "true"
  tags: [number]
`;

test('roles in processes of their own show each other a token over TLS, and a ticket belongs to who asked for it', async (t) => {
  const folder = tempFolder(t);
  const authority = makeAuthority(t);
  const { certFile: cert, keyFile: key } = authority.issue('berthd');
  const [tokens, own, pools] = ['tokens.yaml', 'own.token', 'pools.yaml'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const [roles, ann, eve] = [
    newToken({ name: 'roles', role: 'viewer' }),
    newToken({ name: 'ann', role: 'user', team: 'cats' }),
    newToken({ name: 'eve', role: 'user' }),
  ];
  writeFileSync(tokens, [roles, ann, eve].map(({ line }) => `${line}\n`).join(''));
  writeFileSync(own, `${roles.token}\n`);
  writeFileSync(pools, POOLS);
  const guarded = {
    auth: { tokens, services: ['roles'], ownTokenFile: own },
    tls: { cert, key, ca: authority.caFile },
  };
  const lease = await started(t, { settings: { ...guarded, roles: ['lease'] } });
  const others = await started(t, {
    settings: { ...guarded, roles: ['pool', 'tracker'], pool: { file: pools }, lease: { address: lease.address } },
  });
  const client = (address: string, { token }: { readonly token: string }) =>
    connect({ address, token, tls: { ca: authority.ca } });
  await using asks = client(others.address, ann);
  await using ticket = await asks.ticket({ tags: ['number'] });
  t.is(ticket.data.toString(), '42\n');
  await using looks = client(lease.address, eve);
  const { leases } = await looks.lease.listLeases({});
  t.deepEqual(
    leases.map(({ owner }) => owner),
    ['ann'],
  );
  const stolen = await t.throwsAsync(looks.lease.release({ leaseId: leases[0]?.id ?? '' }), { instanceOf: BerthError });
  t.is(stolen.reason, 'PERMISSION_DENIED');
  await using peeks = client(others.address, eve);
  t.is((await peeks.pools.listTickets({})).tickets.length, 0, 'eve sees no ticket of ann');
  await until(async () => (await asks.health()) === 'SERVING', { what: 'pool and tracker to serve' });
});
