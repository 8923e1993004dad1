import type { TestFn } from 'ava';
import type { Collection } from './collection.js';
import { testContention } from './conformance/contention.js';
import { testDurability } from './conformance/durability.js';
import { testProperty } from './conformance/property.js';
import { testQuerying } from './conformance/querying.js';
import type { Running, Subject, Thing } from './conformance/subject.js';
import { thingSpec } from './conformance/subject.js';
import { testTogether } from './conformance/together.js';
import { testUniqueness } from './conformance/uniqueness.js';
import { testWriting } from './conformance/writing.js';

/**
 * Registers the tests that every engine of `Collection` has to pass. Not covered, since engines differ: how a store that is
 * unreachable shows; their own test files have that.
 */
export function testCollection(test: TestFn, subject: Subject): void {
  let shared: Running | undefined;
  let collections = 0;

  test.before(async () => {
    shared = await subject.start();
  });
  test.after.always(async () => {
    await shared?.stop();
  });

  function running(): Running {
    if (shared === undefined) throw new Error('the store is not started yet');
    return shared;
  }
  function fresh(): Promise<Collection<Thing>> {
    collections += 1;
    return running().store.collection<Thing>(thingSpec(`things_${String(collections)}`));
  }

  const suite = { test, subject, running, fresh };
  testWriting(suite);
  testUniqueness(suite);
  testTogether(suite);
  testContention(suite);
  testQuerying(suite);
  testProperty(suite);
  testDurability(suite);
}
