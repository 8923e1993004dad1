import { systemClock } from '@berth/kernel';
import { CommandKind } from '@berth/proto/berth/pool/v1/resource';
import type { StreamLogResponse } from '@berth/proto/berth/pool/v1/pool_service';
import { until } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import type { Resource } from '../../domain/resource.js';
import type { PoolServer } from './pool-server.fixture.js';
import { servePools } from './pool-server.fixture.js';

async function serve(t: ExecutionContext): Promise<PoolServer & { readonly resource: Resource }> {
  const server = await servePools(t, systemClock(false));
  await server.client.call('applyPools', { yaml: 'vms: { cmd_new: make, cmd_delete: remove }\n' });
  return { resource: await server.addResource('vms'), ...server };
}

/** What a stream tells: `new 0` and `end 0` for a run's beginning and end, and the text. */
function told(messages: readonly StreamLogResponse[]): readonly string[] {
  return messages.map(({ run, text, leftOut }) => {
    if (run === undefined) return `${leftOut ? '… ' : ''}${String(text)}`;
    return `${run.endTime === undefined ? 'begin' : 'end'} ${CommandKind[run.kind]} ${run.attempt} ${run.exitCode ?? ''}${run.fault}`.trim();
  });
}

async function run(
  { logs }: PoolServer,
  hook: 'new' | 'livecheck' | 'delete',
  attempt: number,
  ...texts: readonly string[]
) {
  const log = logs.begin({ number: 1, pool: 'vms', hook, attempt }, 1024);
  for (const text of texts) log.add(Buffer.from(text));
  await log.end({ code: 0, fault: '' });
}

async function all(server: PoolServer, request: object): Promise<readonly string[]> {
  const messages: StreamLogResponse[] = [];
  for await (const message of server.client.open('streamLog', { name: '1', ...request })) messages.push(message);
  return told(messages);
}

test('the log of a resource has its runs in order, with what each wrote', async (t) => {
  const server = await serve(t);
  await run(server, 'new', 0, 'made\n');
  await run(server, 'livecheck', 0);
  await run(server, 'delete', 0, 'a'.repeat(600), 'b'.repeat(600));
  const long = ['begin DELETE 0', 'a'.repeat(512), `… ${'b'.repeat(512)}`, 'end DELETE 0 0'];
  const [made, checked] = [
    ['begin NEW 0', 'made\n', 'end NEW 0 0'],
    ['begin LIVECHECK 0', 'end LIVECHECK 0 0'],
  ];
  // A run that has ended is told so at once.
  const expected = [...made, ...checked, ...long].map((line) => line.replace(/^begin (\w+ 0)$/, 'end $1 0'));
  t.deepEqual(await all(server, {}), expected);
  t.deepEqual(await all(server, { name: server.resource.name, kinds: [CommandKind.NEW] }), expected.slice(0, 3));
});

test('a log is followed while a command writes, until the resource has ended', async (t) => {
  const server = await serve(t);
  const { resources, client, logs } = server;
  const log = logs.begin({ number: 1, pool: 'vms', hook: 'new', attempt: 0 }, 1024);
  log.add(Buffer.from('one\n'));
  const stream = client.open('streamLog', { name: '1', follow: true });
  await until(() => told(stream.messages).includes('one\n'), { what: 'the first line' });
  t.deepEqual(told(stream.messages), ['begin NEW 0', 'one\n']);
  log.add(Buffer.from('two\n'));
  await log.end({ code: 3, fault: 'ended with code 3' });
  await until(() => told(stream.messages).includes('end NEW 0 3ended with code 3'), { what: 'the end' });
  await run(server, 'delete', 0, 'bye\n');
  const stored = await resources.get('1');
  const { liveName: _, liveIdInPool: __, ...row } = stored!.value;
  await resources.replace({ ...row, state: 'ENDED' }, stored!.revision);
  t.is(await stream.over, undefined);
  t.deepEqual(told(stream.messages).slice(2), [
    ...['two\n', 'end NEW 0 3ended with code 3', 'end DELETE 0 0', 'bye\n', 'end DELETE 0 0'],
  ]);
});

test('a run whose process died is not waited for', async (t) => {
  const server = await serve(t);
  const log = server.logs.begin({ number: 1, pool: 'vms', hook: 'livecheck', attempt: 4 }, 1024);
  log.add(Buffer.from('half'));
  const begun = async () => (await server.logs.runsOf(1)).length === 1;
  await until(begun, { what: 'the run' });
  await until(async () => (await all(server, {})).includes('half'), { what: 'what it wrote' });
  await run(server, 'delete', 0);
  const stream = server.client.open('streamLog', { name: '1', follow: true });
  await until(() => told(stream.messages).includes('end DELETE 0 0'), { what: 'the next run' });
  t.deepEqual(told(stream.messages).slice(0, 2), ['begin LIVECHECK 4', 'half']);
  stream.hangUp();
  await stream.over;
});

test('wrong calls are refused', async (t) => {
  const { client } = await serve(t);
  const error = async (request: object, caller?: string) => client.open('streamLog', request, caller).over;
  t.like(await error({ name: 'vms_7' }), { code: 'NOT_FOUND', reason: 'NO_SUCH_RESOURCE' });
  t.like(await error({ name: '7' }), { code: 'NOT_FOUND', reason: 'NO_SUCH_RESOURCE' });
  t.like(await error({ name: '1' }, 'bob/user'), { reason: 'PERMISSION_DENIED' });
  t.deepEqual((await error({ kinds: [5, 9] }))?.fields, [
    'name: is required',
    'kinds[0]: is 5; allowed are 1 (new), 4 (delete), 3 (release), 2 (livecheck)',
    'kinds[1]: is 9; allowed are 1 (new), 4 (delete), 3 (release), 2 (livecheck)',
  ]);
});
