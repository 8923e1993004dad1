import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseYamlText } from '@berth/server';
import { berthCommandLine, berthdCommandLine, findProgram, requireServer, tempFolder } from '@berth/testkit';
import test from 'ava';
import { settingsOf } from '../../packages/server/src/process/config-schema.js';
import { berthdConfigSchema } from '../../services/berthd/src/config.js';
import { runClusterInit } from './cluster-secrets.js';
import { certificateNames, composeServices } from './compose-file.js';

const ROOT = join(import.meta.dirname, '../..');
const STORES = ['mongo', 'redis'];

/** The services that are processes of berthd, by name. */
function processes() {
  return [...composeServices()].filter(([name]) => name !== 'init' && !STORES.includes(name));
}

test('the compose file has no findings of dclint', (t) => {
  const run = spawnSync(join(ROOT, 'node_modules/.bin/dclint'), ['docker-compose.yml'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  t.is(run.status, 0, run.stdout + run.stderr);
});

if (requireServer(test, 'hadolint')) {
  test('the Dockerfile has no findings of hadolint', (t) => {
    const run = spawnSync(findProgram('hadolint') ?? '', ['Dockerfile'], { cwd: ROOT, encoding: 'utf8' });
    t.is(run.status, 0, run.stdout + run.stderr);
  });
}

if (findProgram('systemd-analyze') === undefined) {
  test.skip('systemd-analyze is not on this machine: the service is not verified', () => undefined);
} else {
  test('systemd takes the service as it is', (t) => {
    const run = spawnSync('systemd-analyze', ['verify', 'examples/berthd.service'], { cwd: ROOT, encoding: 'utf8' });
    t.is(run.status, 0, run.stderr);
    t.is(run.stderr, '');
  });
}

test('every variable of the compose file is a setting', (t) => {
  const settings = new Set(settingsOf(berthdConfigSchema).map(({ variable }) => variable));
  for (const [name, { environment = {} }] of processes()) {
    const unknown = Object.keys(environment).filter((variable) => !settings.has(variable));
    t.deepEqual(unknown, [], name);
    t.true('BERTH_TLS_CERT' in environment, name);
  }
});

test('the certificate of the compose file has the name of every process, and so do the addresses of roles', (t) => {
  const names = certificateNames();
  t.true(processes().length >= 8);
  for (const [name, { environment = {} }] of processes()) {
    t.true(names.includes(name), name);
    const addresses = Object.entries(environment).filter(([variable]) => variable.endsWith('_ADDRESS'));
    t.is(addresses.length, 4, name);
    for (const one of addresses.flatMap(([, value]) => value.split(','))) {
      t.true(composeServices().has(one.replace(':7070', '')), `${name}: ${one}`);
    }
  }
});

if (requireServer(test, 'openssl')) {
  test('berthd takes the settings of each process of the compose file, with the secrets of the init step', (t) => {
    const secrets = tempFolder(t);
    t.is(runClusterInit(t, [secrets, ...certificateNames()]).status, 0);
    const [program, ...args] = berthdCommandLine();
    for (const [name, { command = [], environment = {} }] of processes()) {
      const here = Object.entries(environment).map(([key, value]) => [key, value.replace('/secrets', secrets)]);
      const flags = command.map((part) => part.replace('/etc/berth/pools.yaml', 'examples/pools.yaml'));
      const env = { ...process.env, ...(Object.fromEntries(here) as Record<string, string>) };
      const run = spawnSync(program, [...args, ...flags, 'config', 'validate'], { cwd: ROOT, encoding: 'utf8', env });
      t.is(run.status, 0, `${name}: ${run.stdout}${run.stderr}`);
    }
  });
}

test('the settings on the page of the cluster are settings', (t) => {
  const page = readFileSync(join(ROOT, 'docs/cluster.md'), 'utf8');
  const [, text = ''] = /```yaml\n(.*?)```/s.exec(page) ?? [];
  const { value, faults } = parseYamlText(text, 'cluster.md');
  t.deepEqual(faults, []);
  const { success, error, data } = berthdConfigSchema.safeParse(value);
  t.true(success, error?.message);
  t.deepEqual(data?.auth.services, ['cluster']);
});

/** Whether `docker compose` works here, and a container engine answers it. */
function hasContainers(): boolean {
  const docker = findProgram('docker');
  if (docker === undefined) return false;
  return [['info'], ['compose', 'version']].every(
    (args) => spawnSync(docker, args, { stdio: 'ignore', timeout: 30_000 }).status === 0,
  );
}

if (!hasContainers()) {
  test.skip('no container engine answers here: docker-compose.yml is not brought up', () => undefined);
} else {
  test('the compose file comes up, and berth doctor finds every role', (t) => {
    t.timeout(1_200_000);
    const folder = tempFolder(t);
    // Free ports of this machine, so that a cluster which runs here already is not in the way.
    const ports = join(folder, 'ports.yml');
    writeFileSync(ports, 'services: { gateway: { ports: !override ["127.0.0.1::7070", "127.0.0.1::7080"] } }\n');
    const project = ['--project-name', `berth-test-${String(process.pid)}`];
    const files = ['--file', join(ROOT, 'docker-compose.yml'), '--file', ports];
    const compose = (...args: string[]): string =>
      execFileSync('docker', ['compose', ...project, ...files, ...args], { encoding: 'utf8', cwd: ROOT });
    t.teardown(() => compose('down', '--volumes', '--timeout', '5'));
    compose('up', '--build', '--detach', '--wait');
    for (const file of ['ca.crt', 'admin.token']) compose('cp', `gateway:/secrets/${file}`, join(folder, file));
    const address = compose('port', 'gateway', '7070').trim();
    const [program, ...args] = berthCommandLine();
    const env = {
      ...process.env,
      BERTH_ADDRESS: address,
      BERTH_CA: join(folder, 'ca.crt'),
      BERTH_TOKEN_FILE: join(folder, 'admin.token'),
    };
    const doctor = spawnSync(program, [...args, 'doctor'], { encoding: 'utf8', env });
    t.is(doctor.status, 0, doctor.stdout + doctor.stderr);
    for (const role of ['lease', 'tracker', 'pool', 'booking'])
      t.regex(doctor.stdout, new RegExp(`\\b${role}\\b`), role);
  });
}
