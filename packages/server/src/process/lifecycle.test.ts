import test from 'ava';
import { pino } from 'pino';
import type { Part } from './lifecycle.js';
import { startParts } from './lifecycle.js';

const log = pino({ level: 'silent' });

function part(name: string, calls: string[], fault?: 'start' | 'stop'): Part {
  const step = (verb: 'start' | 'stop') => async () => {
    calls.push(`${verb} ${name}`);
    await Promise.resolve();
    if (fault === verb) throw new Error(`${name} cannot ${verb}`);
  };
  return { name, start: step('start'), stop: step('stop') };
}

test('parts start in order and stop in reverse, once', async (t) => {
  const calls: string[] = [];
  const running = await startParts([part('a', calls), part('b', calls)], log);
  await Promise.all([running.stop(), running.stop()]);
  t.deepEqual(calls, ['start a', 'start b', 'stop b', 'stop a']);
});

test('a part that cannot start stops those before it and tells why', async (t) => {
  const calls: string[] = [];
  const parts = [part('a', calls), part('b', calls, 'start'), part('c', calls)];
  await t.throwsAsync(startParts(parts, log), { message: 'b cannot start' });
  t.deepEqual(calls, ['start a', 'start b', 'stop a']);
});

test('a part that cannot stop does not keep the others from it', async (t) => {
  const calls: string[] = [];
  const running = await startParts([part('a', calls), part('b', calls, 'stop')], log);
  await running.stop();
  t.deepEqual(calls, ['start a', 'start b', 'stop b', 'stop a']);
});
