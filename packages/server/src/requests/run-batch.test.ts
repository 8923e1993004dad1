import { BerthError, invalidField } from '@berth/kernel';
import test from 'ava';
import { runBatch } from './run-batch.js';

function parse(request: string, path: string): number {
  const number = Number(request);
  if (Number.isNaN(number)) throw invalidField(`${path}number`, 'is none');
  return number;
}

test('each item of a batch has its answer in its place, also when others cannot be read', async (t) => {
  const ran: number[][] = [];
  const answers = await runBatch(['1', 'x', '3', 'y'], parse, (numbers) => {
    ran.push([...numbers]);
    return Promise.resolve(numbers.map((number) => number * 10));
  });
  t.deepEqual(ran, [[1, 3]]);
  t.deepEqual(
    answers.map((answer) => (typeof answer === 'number' ? answer : answer.error.message)),
    [10, 'requests[1].number: is none', 30, 'requests[3].number: is none'],
  );
});

test('a batch of which nothing can be read runs nothing', async (t) => {
  const answers = await runBatch(['x'], parse, () => Promise.reject(new Error('ran')));
  t.is(answers.length, 1);
});

test('a batch that is empty or too large is refused as a whole', async (t) => {
  const run = (): Promise<[]> => Promise.reject(new Error('ran'));
  for (const [requests, message] of [
    [[], 'requests: is empty; give at least one'],
    [new Array<string>(10_001).fill('1'), 'requests: has 10001 items; at most 10000 are allowed'],
  ] as const) {
    await t.throwsAsync(runBatch(requests, parse, run), { instanceOf: BerthError, message });
  }
});

test('a failure that is no refusal fails the batch', async (t) => {
  const fails = (): never => {
    throw new TypeError('broken');
  };
  await t.throwsAsync(
    runBatch(['1'], fails, () => Promise.resolve([])),
    { instanceOf: TypeError },
  );
});
