import type { TestFn } from 'ava';
import { testDurability } from './conformance/durability.js';
import { testOrder } from './conformance/order.js';
import { testProperty } from './conformance/property.js';
import { testReading } from './conformance/reading.js';
import { testSoftState } from './conformance/soft-state.js';
import { testSteps } from './conformance/steps.js';
import type { Running, Subject } from './conformance/subject.js';
import type { EventLog } from './event-log.js';

/**
 * Registers the tests that every engine of `EventLog` has to pass. Not covered, since engines differ: how a store that is
 * unreachable shows, and what is lost when a server loses its data; their own test files have those.
 */
export function testEventLog(test: TestFn, subject: Subject): void {
  let shared: Running | undefined;
  let labs = 0;

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
  function fresh(): Promise<EventLog> {
    labs += 1;
    return running().store.open(`lab-${String(labs)}`);
  }

  const suite = { test, subject, running, fresh };
  testOrder(suite);
  testSteps(suite);
  testSoftState(suite);
  testReading(suite);
  testDurability(suite);
  testProperty(suite);
}
