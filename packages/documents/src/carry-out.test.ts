import { BerthError } from '@berth/kernel';
import test from 'ava';
import fc from 'fast-check';
import type { Answer } from './carry-out.js';
import { carryOut, carryOutOne } from './carry-out.js';
import type { Counter } from './counters.fixture.js';
import { add, hooked, openCounters } from './counters.fixture.js';

function addedOf(answer: Answer<Counter> | undefined): readonly string[] | string | undefined {
  if (answer === undefined) return undefined;
  return 'error' in answer ? answer.error.reason : answer.stored.value.added;
}

test('commands on one document are carried out in their order, and each answers for itself', async (t) => {
  const { counters, options } = await openCounters(t, ['a', 'b']);
  const refused = { ...add('a', 'never'), plan: () => fail() };
  const commands = [add('a', '1'), add('none', '1'), add('b', '1'), refused, add('a', '2'), add('a', '3')];
  const answers = await carryOut(counters, commands, options);
  t.deepEqual(answers.map(addedOf), [
    ['1'],
    'NO_SUCH_ALLOCATION',
    ['1'],
    'ILLEGAL_TRANSITION',
    ['1', '2'],
    ['1', '2', '3'],
  ]);
});

test('of writers that race on one document each is planned on what the one before it left', async (t) => {
  const { counters, options } = await openCounters(t, ['a']);
  const names = Array.from({ length: 20 }, (_, i) => `w${String(i)}`);
  const answers = await Promise.all(
    names.map((name) => carryOut(counters, [add('a', `${name} 1`), add('a', `${name} 2`)], options)),
  );
  t.true(answers.flat().every((answer) => 'stored' in answer));
  const added = (await counters.get('a'))?.value.added ?? [];
  t.is(new Set(added).size, 40);
  t.is(added.length, 40);
  for (const name of names) t.true(added.indexOf(`${name} 1`) < added.indexOf(`${name} 2`), name);
});

test('a repeat gets the document as it is and changes nothing, also of a command that changed nothing', async (t) => {
  const { counters, options } = await openCounters(t, ['a', 'b']);
  await carryOutOne(counters, add('a', '1', 'r-1'), options);
  await carryOutOne(counters, { ...add('a', '', 'r-2'), plan: () => undefined }, options);
  await carryOutOne(counters, add('a', '2'), options);
  const { value } = await carryOutOne(counters, add('a', '1', 'r-1'), options);
  t.deepEqual(value.added, ['1', '2']);
  // Its plan would be refused by now.
  t.deepEqual((await carryOutOne(counters, { ...add('a', '', 'r-2'), plan: fail }, options)).value.added, ['1', '2']);
  for (const other of [add('a', '9', 'r-1'), add('b', '1', 'r-1')]) {
    const error = await t.throwsAsync(carryOutOne(counters, other, options), { instanceOf: BerthError });
    t.is(error.reason, 'REQUEST_ID_REUSED');
  }
});

test('a refused command is not kept: its repeat is planned again', async (t) => {
  const { counters, options } = await openCounters(t, ['a']);
  const refused = { ...add('a', '1', 'r-1'), plan: fail };
  await t.throwsAsync(carryOutOne(counters, refused, options), { instanceOf: BerthError });
  t.deepEqual((await carryOutOne(counters, add('a', '1', 'r-1'), options)).value.added, ['1']);
});

test('a process that dies between moving answers and writing the document leaves all repeats their answers', async (t) => {
  const { counters, moved, earlier, options } = await openCounters(t, ['a']);
  for (let i = 0; i < 256; i += 1) await carryOutOne(counters, add('a', String(i), `r-${String(i)}`), options);
  t.is(await moved.count(), 0);
  const dying = hooked(counters, { replaceMany: () => Promise.reject(new Error('killed')) });
  await t.throwsAsync(carryOut(dying, [add('a', '256', 'r-256')], options), { message: 'killed' });
  t.is(await moved.count(), 128);
  for (const i of [0, 127, 128, 255]) {
    t.is((await carryOutOne(counters, add('a', String(i), `r-${String(i)}`), options)).value.added.length, 256);
  }
  t.is((await carryOutOne(counters, add('a', '256', 'r-256'), options)).value.added.length, 257);
  t.is((await carryOutOne(counters, add('a', '0', 'r-0'), options)).value.added.length, 257);
  t.is(await moved.count(), 128);
  // Found by its id alone, in the document or moved from it.
  const key = (i: number) => add('a', String(i), `r-${String(i)}`).key;
  for (const i of [0, 256]) t.is((await earlier.documentOf(counters, key(i)))?.value.id, 'a');
  t.is(await earlier.documentOf(counters, key(300)), undefined);
  const other = { ...key(0), fingerprint: 'another' };
  const error = await t.throwsAsync(earlier.documentOf(counters, other), { instanceOf: BerthError });
  t.is(error.reason, 'REQUEST_ID_REUSED');
});

test('whatever callers repeat and race, each command is carried out exactly once', async (t) => {
  const command = fc.record({ id: fc.constantFrom('a', 'b', 'c'), what: fc.integer({ min: 0, max: 15 }) });
  const callers = fc.array(fc.array(command, { maxLength: 12 }), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(callers, async (calls) => {
      const { counters, options } = await openCounters(t, ['a', 'b', 'c']);
      await Promise.all(
        calls.map((call) =>
          carryOut(
            counters,
            call.map(({ id, what }) => add(id, String(what), `r-${id}-${String(what)}`)),
            options,
          ),
        ),
      );
      for (const id of ['a', 'b', 'c']) {
        const asked = new Set(calls.flat().flatMap((one) => (one.id === id ? [String(one.what)] : [])));
        t.deepEqual([...((await counters.get(id))?.value.added ?? [])].sort(), [...asked].sort());
      }
    }),
    { numRuns: 40 },
  );
});

function fail(): never {
  throw new BerthError('ILLEGAL_TRANSITION', 'it cannot be done; try another.');
}
