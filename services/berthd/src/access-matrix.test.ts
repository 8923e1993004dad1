import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MethodAccess } from '@berth/server';
import { newToken } from '@berth/server';
import type { Berthd } from '@berth/testkit';
import { berthdCommandLine, startBerthd, tempFolder } from '@berth/testkit';
import { ErrorInfo } from '@berth/proto/google/rpc/error_details';
import { Status } from '@berth/proto/google/rpc/status';
import { Client, credentials, Metadata } from '@grpc/grpc-js';
import type { ExecutionContext } from 'ava';
import test from 'ava';

const TOKENS = {
  viewer: newToken({ name: 'vera', role: 'viewer' }),
  user: newToken({ name: 'ulf', role: 'user' }),
  operator: newToken({ name: 'olga', role: 'operator' }),
  admin: newToken({ name: 'anna', role: 'admin' }),
  limited: newToken({ name: 'pi', role: 'viewer', benches: ['b1'] }),
  gateway: newToken({ name: 'gateway', role: 'viewer' }),
};
/** Who may call a method, by its access; further callers are made by the service `gateway`. */
const MAY: Readonly<Record<MethodAccess['access'], readonly string[]>> = {
  open: [
    'nobody',
    'wrong',
    'viewer',
    'user',
    'operator',
    'admin',
    'limited',
    'for a user',
    'for an operator',
    'for pi',
  ],
  viewer: ['viewer', 'user', 'operator', 'admin', 'limited', 'for a user', 'for an operator', 'for pi'],
  user: ['user', 'operator', 'admin', 'for a user', 'for an operator'],
  operator: ['operator', 'admin', 'for an operator'],
  admin: ['admin'],
  bench: ['operator', 'admin', 'limited', 'for an operator', 'for pi'],
};

function metadataOf(values: Readonly<Record<string, string>>): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(values)) metadata.set(name, value);
  return metadata;
}

function bearer({ token }: { readonly token: string }, more: Readonly<Record<string, string>> = {}): Metadata {
  return metadataOf({ authorization: `Bearer ${token}`, ...more });
}

const CALLERS: Readonly<Record<string, Metadata>> = {
  nobody: metadataOf({ 'berth-user': 'anna', 'berth-role': 'admin' }),
  wrong: metadataOf({ authorization: 'Bearer berth_wrong' }),
  ...Object.fromEntries(
    (['viewer', 'user', 'operator', 'admin', 'limited'] as const).map((name) => [name, bearer(TOKENS[name])]),
  ),
  'for a user': bearer(TOKENS.gateway, { 'berth-user': 'dora' }),
  'for an operator': bearer(TOKENS.gateway, { 'berth-user': 'dora', 'berth-role': 'operator' }),
  'for pi': bearer(TOKENS.gateway, { 'berth-user': 'pi', 'berth-role': 'admin', 'berth-benches': '["b1"]' }),
};

interface Scene {
  readonly berthd: Berthd;
  readonly client: Client;
  readonly auditDir: string;
}

async function scene(t: ExecutionContext): Promise<Scene> {
  const folder = tempFolder(t);
  const [tokens, auditDir] = [join(folder, 'tokens.yaml'), join(folder, 'audit')];
  writeFileSync(
    tokens,
    Object.values(TOKENS)
      .map(({ line }) => `${line}\n`)
      .join(''),
  );
  const berthd = await startBerthd({
    inventory: '{pool: {name: default, resources: {b1: {attributes: [a], properties: {key: hunter2}}, b2: {}}}}',
    settings: {
      auth: { tokens, services: ['gateway'] },
      audit: { dir: auditDir },
      log: { format: 'json', level: 'trace' },
    },
  });
  t.teardown(() => berthd.stop());
  const client = new Client(berthd.address, credentials.createInsecure(), { 'grpc.enable_retries': 0 });
  t.teardown(() => {
    client.close();
  });
  return { berthd, client, auditDir };
}

/** The reason that a call of a method with an empty request ends with; 'served' when it is answered. */
function outcome(client: Client, path: string, metadata: Metadata, withinMs = 30_000): Promise<string> {
  return new Promise((resolve) => {
    // As a stream both ways it suits every shape of method.
    const pass = (bytes: Buffer): Buffer => bytes;
    const call = client.makeBidiStreamRequest(path, pass, pass, metadata, { deadline: Date.now() + withinMs });
    call.on('data', () => {
      resolve('served');
      call.cancel();
    });
    call.on('error', (error: { readonly code?: number; readonly metadata?: Metadata }) => {
      const bytes = error.metadata?.get('grpc-status-details-bin')[0];
      const info = bytes === undefined ? undefined : Status.decode(bytes as Buffer).details[0];
      resolve(info === undefined ? `code ${String(error.code)}` : ErrorInfo.decode(info.value).reason);
    });
    call.on('end', () => {
      resolve('served');
    });
    call.write(Buffer.alloc(0));
    call.end();
  });
}

function methods(): readonly MethodAccess[] {
  const [program, ...args] = berthdCommandLine();
  return JSON.parse(execFileSync(program, [...args, 'access', '-o', 'json'], { encoding: 'utf8' })) as MethodAccess[];
}

function auditOf({ auditDir }: Scene): Record<string, string>[] {
  return readdirSync(auditDir)
    .sort()
    .flatMap((name) => readFileSync(join(auditDir, name), 'utf8').trimEnd().split('\n'))
    .map((line) => JSON.parse(line) as Record<string, string>);
}

const REFUSED = ['NOT_AUTHENTICATED', 'BAD_CREDENTIALS', 'PERMISSION_DENIED'];

/** Every method with every caller that may call it, or may not. */
function pairs(
  may: boolean,
): readonly { readonly method: string; readonly who: string; readonly metadata: Metadata }[] {
  return methods().flatMap(({ method, access }) =>
    Object.entries(CALLERS)
      .filter(([who]) => MAY[access].includes(who) === may)
      .map(([who, metadata]) => ({ method, who, metadata })),
  );
}

test('every method is for whom the page of access says, with each kind of credentials, and refusals are audited', async (t) => {
  t.timeout(300_000);
  const one = await scene(t);
  const others = pairs(false);
  for (const { method, who, metadata } of others) {
    const expected = { nobody: 'NOT_AUTHENTICATED', wrong: 'BAD_CREDENTIALS' }[who] ?? 'PERMISSION_DENIED';
    t.is(await outcome(one.client, method, metadata), expected, `${method} by ${who}`);
  }
  const refused = auditOf(one).filter(({ decision }) => decision === 'refused');
  t.is(refused.length, others.length);
  t.true(
    refused.every(({ reason, caller, why }) => caller !== undefined || (why !== undefined && reason !== undefined)),
  );
  // Together: some are streams that say nothing until something changes.
  const served = pairs(true).map(async ({ method, who, metadata }) => {
    const answer = await outcome(one.client, method, metadata, 10_000);
    t.false(REFUSED.includes(answer), `${method} by ${who}: ${answer}`);
  });
  t.true(served.length > 500);
  await Promise.all(served);
});

test('no token stands in log, audit, printed configuration or process list', async (t) => {
  const one = await scene(t);
  const secrets = Object.values(TOKENS).map(({ token }) => token);
  const list = '/berth.lease.v1.InventoryService/ListBenches';
  for (const token of [...secrets, 'berth_wrong_secret']) await outcome(one.client, list, bearer({ token }));
  const [program, ...args] = berthdCommandLine();
  const processes = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' });
  const printed = execFileSync(program, [...args, 'config', 'print'], {
    encoding: 'utf8',
    env: { ...process.env, BERTH_AUTH_TOKENS: '/etc/berth/tokens.yaml' },
  });
  t.regex(printed, /tokens: \/etc\/berth\/tokens\.yaml/);
  const all = [one.berthd.log, JSON.stringify(auditOf(one)), printed, processes].join('\n');
  t.true(one.berthd.log.length > 1000);
  for (const secret of [...secrets, 'berth_wrong_secret']) t.false(all.includes(secret));
});
