import { execFileSync } from 'node:child_process';
import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readTokens } from '@berth/server';
import { requireServer, tempFolder } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { runClusterInit } from './cluster-secrets.js';
import { certificateNames } from './compose-file.js';

const FILES = ['admin.token', 'ca.crt', 'ca.key', 'ca.srl', 'cluster.token', 'tls.crt', 'tls.key', 'tokens.yaml'];

/** The folder has all that a cluster needs, nobody else can read it, and its parts belong together. */
function isWhole(t: ExecutionContext, folder: string, names: readonly string[], run: string): void {
  t.deepEqual(readdirSync(folder).sort(), FILES, run);
  for (const name of FILES) t.is(statSync(join(folder, name)).mode & 0o777, 0o600, `${run}: ${name}`);
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
  const authority = new X509Certificate(read('ca.crt'));
  const certificate = new X509Certificate(read('tls.crt'));
  t.true(authority.ca, run);
  t.true(authority.checkPrivateKey(createPrivateKey(read('ca.key'))), run);
  t.true(certificate.verify(authority.publicKey), run);
  t.true(certificate.checkPrivateKey(createPrivateKey(read('tls.key'))), run);
  for (const name of names) {
    const told = /^[\d.]+$/.test(name) ? certificate.checkIP(name) : certificate.checkHost(name);
    t.is(told, name, run);
  }
  t.is(certificate.checkHost('elsewhere'), undefined, run);
  readTokens(read('tokens.yaml'), 'tokens.yaml');
  for (const name of ['cluster', 'admin']) {
    const sha256 = createHash('sha256')
      .update(read(`${name}.token`).trim())
      .digest('hex');
    const line =
      read('tokens.yaml')
        .split('\n')
        .find((one) => one.includes(sha256)) ?? '';
    t.regex(line, new RegExp(`name: "?${name}"?, role: admin`), run);
  }
}

if (requireServer(test, 'openssl')) {
  test('the init step makes what the processes of the compose file need to trust each other', (t) => {
    const folder = tempFolder(t);
    const names = certificateNames();
    const run = runClusterInit(t, [folder, ...names]);
    t.is(run.status, 0, run.stderr);
    isWhole(t, folder, names, 'first run');
    const said = execFileSync('openssl', ['verify', '-CAfile', join(folder, 'ca.crt'), join(folder, 'tls.crt')]);
    t.regex(said.toString(), /tls\.crt: OK/);
  });

  test('a second run of the init step changes nothing', (t) => {
    const folder = tempFolder(t);
    const args = [folder, 'localhost', '127.0.0.1'];
    t.is(runClusterInit(t, args).status, 0);
    const content = (): string[] => readdirSync(folder).map((name) => readFileSync(join(folder, name), 'base64'));
    const before = content();
    const again = runClusterInit(t, [...args, 'another']);
    t.is(again.status, 0, again.stderr);
    t.deepEqual([again.stdout, again.programs], ['', 0]);
    t.deepEqual(content(), before);
  });

  test('a certificate that was removed is made again by the same authority; tokens stay', (t) => {
    const folder = tempFolder(t);
    t.is(runClusterInit(t, [folder, 'localhost']).status, 0);
    const tokens = readFileSync(join(folder, 'tokens.yaml'), 'utf8');
    const authority = readFileSync(join(folder, 'ca.crt'), 'utf8');
    rmSync(join(folder, 'tls.crt'));
    t.is(runClusterInit(t, [folder, 'localhost', 'gateway']).status, 0);
    isWhole(t, folder, ['localhost', 'gateway'], 'renewed');
    t.is(readFileSync(join(folder, 'tokens.yaml'), 'utf8'), tokens);
    t.is(readFileSync(join(folder, 'ca.crt'), 'utf8'), authority);
  });

  test('an init step that was killed anywhere is made whole by the next one', (t) => {
    t.timeout(300_000);
    const names = ['localhost', '127.0.0.1'];
    const { programs } = runClusterInit(t, [tempFolder(t), ...names]);
    t.true(programs > 5);
    for (let at = 1; at <= programs; at += 1) {
      for (const when of ['before', 'after'] as const) {
        const folder = tempFolder(t);
        const how = `killed ${when} program ${String(at)}`;
        t.is(runClusterInit(t, [folder, ...names], { at, when }).signal, 'SIGKILL', how);
        const next = runClusterInit(t, [folder, ...names]);
        t.is(next.status, 0, `${how}: ${next.stderr}`);
        isWhole(t, folder, names, how);
      }
    }
  });

  test('the init step without names says what is missing, and makes nothing', (t) => {
    const folder = tempFolder(t);
    const run = runClusterInit(t, [folder]);
    t.is(run.status, 64);
    t.regex(run.stderr, /usage: cluster-init\.sh FOLDER NAME/);
    t.deepEqual(readdirSync(folder), []);
  });
}
