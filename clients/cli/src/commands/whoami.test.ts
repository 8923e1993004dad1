import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeAuthority, requireServer, startBerthd, tempFolder } from '@berth/testkit';
import test, { type ExecutionContext } from 'ava';
import { berth } from '../berth-process.fixture.js';

const INVENTORY = 'pool: { name: benches, resources: { b1: {} } }';

/** A berthd with TLS that takes tokens and client certificates, and files to show to it. */
async function guarded(t: ExecutionContext) {
  const [authority, other] = [makeAuthority(t), makeAuthority(t, 'another authority')];
  const server = authority.issue('server');
  const folder = tempFolder(t);
  const tokens = join(folder, 'tokens.yaml');
  const sha256 = (token: string): string => createHash('sha256').update(token).digest('hex');
  writeFileSync(
    tokens,
    JSON.stringify([
      { name: 'ci', role: 'user', team: 'lab3', sha256: sha256('secret-of-ci') },
      { name: 'vpn', sha256: sha256('secret-of-vpn'), benches: ['b1'] },
    ]),
  );
  const berthd = await startBerthd({
    inventory: INVENTORY,
    settings: {
      tls: { cert: server.certFile, key: server.keyFile, clientCa: authority.caFile },
      auth: { tokens, certificates: [{ commonName: 'ann', name: 'ann', role: 'operator' }] },
    },
  });
  t.teardown(() => berthd.stop());
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  return { address: berthd.address, authority, other, file };
}

test('on a server that believes every name, whoami says so', async (t) => {
  const berthd = await startBerthd({ inventory: INVENTORY });
  t.teardown(() => berthd.stop());
  const { address } = berthd;
  const told = await berth(t, { address, user: 'tony' }, 'whoami', '--role', 'user');
  t.deepEqual(told, {
    code: 0,
    stdout: 'tony (role user, believed, as the server believes every name)\n',
    stderr: '',
  });
  t.is((await berth(t, { address, user: 'tony' }, 'whoami', '-q')).stdout, 'tony\n');
  const json = await berth(t, { address, user: 'jörg' }, 'whoami', '-o', 'json');
  t.deepEqual(JSON.parse(json.stdout), { name: 'jörg', role: 'operator', via: 'open' });
});

if (requireServer(test, 'openssl')) {
  test('a token in a file, and a client certificate, by flags and by variables', async (t) => {
    const { address, authority, other, file } = await guarded(t);
    const token = file('token', 'secret-of-ci\n');
    const ann = authority.issue('ann');
    const ca = ['--ca', authority.caFile];
    const call = (env: Record<string, string>, ...args: string[]) => berth(t, { address, user: '', env }, ...args);
    const ci = 'ci (role user, team lab3, shown by a token)\n';
    t.deepEqual(await call({}, 'whoami', ...ca, '--token-file', token), { code: 0, stdout: ci, stderr: '' });
    const byVariables = { BERTH_CA: authority.caFile, BERTH_TOKEN_FILE: token };
    t.deepEqual(await call(byVariables, 'whoami'), { code: 0, stdout: ci, stderr: '' });
    const certificate = { BERTH_CA: authority.caFile, BERTH_CERT: ann.certFile, BERTH_KEY: ann.keyFile };
    t.is((await call(certificate, 'whoami')).stdout, 'ann (role operator, shown by a certificate)\n');
    const limited = await call({ BERTH_TOKEN: 'secret-of-vpn' }, 'whoami', ...ca, '-o', 'json');
    t.deepEqual(JSON.parse(limited.stdout), { name: 'vpn', role: 'viewer', via: 'token', benches: ['b1'] });

    const refusals: [Record<string, string>, string[], number, RegExp][] = [
      [{}, ca, 77, /\[NOT_AUTHENTICATED\]/],
      [{ BERTH_TOKEN: 'wrong' }, ca, 77, /\[BAD_CREDENTIALS\]/],
      [{ BERTH_TOKEN: 'secret-of-ci', BERTH_USER: 'ann' }, ca, 77, /\[PERMISSION_DENIED\]/],
      [{}, [...ca, '--token', 'a', '--token-file', token], 64, /give one of them/],
      [{}, [...ca, '--token-file', '/nowhere/token'], 64, /\/nowhere\/token cannot be read/],
      [{}, [...ca, '--token-file', file('empty', '')], 64, /empty is empty/],
      [{}, ['--ca', '/nowhere/ca.pem'], 64, /\/nowhere\/ca\.pem cannot be read/],
      [{}, ['--ca', token], 64, /certificates or the key cannot be used/],
      [{}, [...ca, '--cert', ann.certFile], 64, /key is missing/],
      [byVariables, ['--address', `http://${address}`], 64, /address says http/],
      [{}, ['--address', `https://${address}`], 69, /no connection to https.* not trusted here.*next: .*--ca/s],
      [{}, ['--ca', other.caFile], 69, /not trusted here/],
      [{}, [], 69, /closed the connection.*next: if it speaks only TLS, write https/s],
    ];
    for (const [env, args, code, text] of refusals) {
      const refused = await call(env, 'whoami', ...args);
      t.is(refused.code, code, `${args.join(' ')}: ${refused.stderr}`);
      t.regex(refused.stderr, text, args.join(' '));
      t.notRegex(refused.stderr, /secret-of/);
    }
  });

  test('a berth that the command of berth run calls shows what this one showed', async (t) => {
    const { address, authority, file } = await guarded(t);
    const token = file('token', 'secret-of-ci');
    const settings = ['--ca', authority.caFile, '--token-file', token];
    const env = { BERTH_TOKEN: 'another' };
    const print = ['sh', '-c', 'echo "$BERTH_TOKEN,$BERTH_TOKEN_FILE,$BERTH_CA,$BERTH_ADDRESS"'];
    const { stdout, stderr } = await berth(
      t,
      { address, user: '', env },
      'run',
      '--bench',
      'b1',
      ...settings,
      '--',
      ...print,
    );
    t.is(stdout, `,${token},${authority.caFile},${address}\n`, stderr);
  });

  test('doctor tells who calls and each role, and what is wrong with TLS', async (t) => {
    const { address, authority, file } = await guarded(t);
    const settings = ['--ca', authority.caFile, '--token-file', file('token', 'secret-of-ci')];
    const well = await berth(t, { address, user: '' }, 'doctor', ...settings);
    t.is(well.code, 0, well.stdout);
    t.regex(well.stdout, /^ok +caller +ci \(role user, team lab3, shown by a token\)$/m);
    for (const role of ['lease', 'tracker', 'pool', 'booking'])
      t.regex(well.stdout, new RegExp(`^ok +${role} +SERVING$`, 'm'));
    t.regex(well.stdout, /^ok +lab +1 benches, 0 held$/m);
    const untrusted = await berth(t, { address: `https://${address}`, user: '' }, 'doctor');
    t.is(untrusted.code, 69);
    t.regex(untrusted.stdout, /^NOT +connection +.*not trusted here.*\n +next: .*--ca/m);
    const unknown = await berth(t, { address, user: '' }, 'doctor', '--ca', authority.caFile);
    t.is(unknown.code, 69);
    t.regex(unknown.stdout, /^NOT +caller +.*NOT_AUTHENTICATED/m);
    const two = await berth(t, { address: `${address},127.0.0.1:1`, user: '' }, 'doctor', ...settings, '-o', 'json');
    const findings = JSON.parse(two.stdout) as { check: string; ok: boolean; result: string }[];
    t.is(two.code, 69);
    t.deepEqual(
      findings.filter(({ check }) => check === 'address').map(({ result }) => result.split(' ')[0]),
      [address, '127.0.0.1:1'],
    );
    t.like(findings.at(-1), { check: 'connection', ok: false });
  });
}
