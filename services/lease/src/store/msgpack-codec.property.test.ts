import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import { LabState } from '../domain/index.js';
import { dumpFacts } from '../../simulation/dump-state.js';
import { history } from '../../simulation/intents.fixture.js';
import { checkSeeded } from '@berth/testkit/seeded';
import { SimulatedHistory } from '../../simulation/simulated-history.js';
import { msgpackCodec } from './msgpack-codec.js';

function unchecked(): void {
  // Whether the planner is right is not this test's question.
}

interface Entity {
  readonly id?: string;
  readonly pool?: string;
  readonly spec?: { readonly name?: string; readonly requestId?: string };
}

/** As JSON has it: without what is undefined, and without prototypes. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

/** Every field of everything in a state; a field that is added to it is among them. */
function fieldsOf(state: LabState): object {
  const { benches, offers, requests, leases, reservations, goneReservations, queue, revision } = dumpFacts(state);
  const entities = [...benches, ...offers, ...requests, ...leases, ...reservations].map((text): [string, Entity] => {
    const entity = JSON.parse(text) as Entity;
    return [`${entity.id ?? ''} ${entity.pool ?? entity.spec?.name ?? entity.spec?.requestId ?? ''}`, entity];
  });
  return { entities: Object.fromEntries(entities), goneReservations, queue, revision };
}

test('whatever happened in a lab, its state and its events read back field by field as they were written', (t) => {
  checkSeeded(
    t,
    60,
    fc.property(history, ({ rules, benches, strides }) => {
      const run = new SimulatedHistory(rules, unchecked);
      run.run(benches.map((spec) => ({ kind: 'createBench', spec, origin: 'inventory' })));
      for (const { passMs, gap, intents } of strides) {
        run.pass(passMs);
        run.run(
          intents
            .map((intent) => intent(run.model, () => run.freshId(), run.lab.now))
            .filter((command) => command !== undefined),
          gap,
        );
        const { state, events } = run.lab;
        const copy = new LabState(rules);
        msgpackCodec.decodeState(msgpackCodec.encodeState(state), copy);
        assert.deepEqual(fieldsOf(copy), fieldsOf(state));
        const read = events.map((event) => msgpackCodec.decodeEvent(msgpackCodec.encodeEvent(event)));
        assert.deepEqual(plain(read), plain(events));
      }
    }),
  );
});
