import { connect } from 'node:net';
import type { ExecutionContext } from 'ava';
import type { Berthd, BerthdOptions } from '@berth/testkit';
import { findProgram, startBerthd, startRedisServer } from '@berth/testkit';

/** The engines whose server is on this machine. */
export const ENGINES: readonly Engine[] =
  findProgram('redis-server') === undefined ? ['embedded'] : ['embedded', 'redis'];

export type Engine = 'embedded' | 'redis';

/** Starts berthd on an engine; both end with the test. */
export async function berthdOn(t: ExecutionContext, engine: Engine, options: BerthdOptions = {}): Promise<Berthd> {
  if (engine === 'embedded') return berthdOf(t, options);
  const redis = await startRedisServer();
  t.teardown(() => redis.stop());
  return berthdOf(t, { ...options, redisUrl: redis.url });
}

/** Starts berthd; it ends with the test, and its log is shown when the test failed. */
export async function berthdOf(t: ExecutionContext, options: BerthdOptions = {}): Promise<Berthd> {
  const berthd = await startBerthd(options);
  t.teardown(async () => {
    const isTold = !t.passed || process.env['SHOWLOG'] !== undefined;
    // What it said, and how it ended, may be unread: a test may have kept this process busy.
    for (let turn = 0; isTold && turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    if (isTold) {
      t.log(berthd.log.split('\n').slice(-25).join('\n'));
      for (const address of [berthd.address, ...(berthd.http === undefined ? [] : [new URL(berthd.http).host])])
        t.log(await stateOf(address));
    }
    await berthd.stop();
  });
  return berthd;
}

/** Whether somebody listens there, in words. */
function stateOf(address: string): Promise<string> {
  const [host, port] = address.split(':');
  const socket = connect({ host: host ?? '', port: Number(port) });
  return new Promise((resolve) => {
    socket.once('connect', () => {
      socket.destroy();
      resolve(`${address} is listened at`);
    });
    socket.once('error', ({ message }) => {
      resolve(message);
    });
  });
}
