import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import { checkSeeded } from '@berth/testkit/seeded';
import { HOUR_MS, NOON, Root, span } from './root.fixture.js';

const HOURS = 48;

const hour = fc.integer({ min: 0, max: 30 });
const length = fc.integer({ min: 1, max: 8 });
const rows = fc.array(fc.record({ hour, length, cores: fc.integer({ min: 1, max: 3 }), share: fc.boolean() }), {
  maxLength: 12,
});

test('the next start is the earliest at which it would be admitted', (t) => {
  const run = fc.property(
    fc.array(fc.record({ hour, length, cores: fc.integer({ min: 1, max: 6 }) }), { minLength: 1, maxLength: 4 }),
    rows,
    fc.record({
      hour,
      lengths: fc.array(length, { minLength: 1, maxLength: 2 }),
      cores: fc.integer({ min: 1, max: 4 }),
      share: fc.boolean(),
    }),
    (grants, booked, ask) => {
      const root = new Root();
      for (const { hour: from, length: hours, cores } of grants) root.grant({ cores }, span(from, from + hours));
      for (const one of booked) root.plan([root.book(what(one), one.hour, one.hour + one.length)]);
      const at = (start: number) => {
        let from = start;
        const spans = ask.lengths.map((hours) => {
          const its = { ...span(from, from + hours), ...what(ask) };
          // Spans with a gap between them.
          from += hours + 1;
          return its;
        });
        return { ...root.book({}, 0, 1), spans };
      };
      const [answer] = root.plan([at(ask.hour)]);
      if (answer === undefined || !('refused' in answer)) return;
      if (answer.refused.reason !== 'NO_CAPACITY') return;
      const told = answer.refused.details.metadata?.['next_start'];
      let first: number | undefined;
      for (let start = ask.hour; start < HOURS && first === undefined; start += 1) {
        const asked = at(start);
        const isSized = asked.spans.every(({ startMs, endMs }) => {
          for (let ms = startMs; ms < endMs; ms += HOUR_MS) if (!grants.some((one) => isIn(one, ms))) return false;
          return true;
        });
        const [tried] = !ask.share || isSized ? root.plan([asked]) : [];
        if (tried !== undefined && 'done' in tried) first = start;
      }
      assert.equal(told, first === undefined ? undefined : new Date(span(first, first).startMs).toISOString());
    },
  );
  checkSeeded(t, 150, run);
});

function what({ cores, share }: { readonly cores: number; readonly share: boolean }) {
  return share ? { share: cores * 1500 } : { amounts: { cores } };
}

function isIn(grant: { readonly hour: number; readonly length: number }, ms: number): boolean {
  const at = (ms - NOON) / HOUR_MS;
  return grant.hour <= at && at < grant.hour + grant.length;
}
