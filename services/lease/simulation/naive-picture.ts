import type { LabRules, RequestSpec } from '../src/domain/model.js';
import type { Picture } from './lab-command.js';
import { endOf, requirementsOf } from './naive-bookings.js';
import { candidates } from './naive-matching.js';
import type { NaiveState } from './naive-state.js';
import { holderOf, ranked, same } from './naive-state.js';

/** What the model must agree on with the domain. */
export function pictureOf(state: NaiveState, rules: LabRules): Picture {
  const queue = ranked(state, rules);
  return {
    queue: queue.map(({ spec, order: _order, ...request }, i) => {
      const mine = candidates(state, spec);
      const rivals = queue.slice(0, i).filter(
        // Two that want the same compete even while there is nothing to compete for.
        (other) =>
          sameWish(state, other.spec, spec) || candidates(state, other.spec).some((name) => mine.includes(name)),
      );
      const position = rivals.length + 1;
      return { requestId: spec.requestId, ...request, position };
    }),
    leases: state.leases
      .map((lease) => {
        const { spec, ownEndMs, transferredFrom, ...more } = lease;
        return { requestId: spec.requestId, ...more, ownEndMs, endMs: endOf(state, lease), transferredFrom };
      })
      .sort((a, b) => (a.requestId < b.requestId ? -1 : 1)),
    benches: state.benches
      .map(({ spec, origin, condition, retired, cleaning }) => {
        const heldFor = holderOf(state, spec.name)?.spec.requestId;
        return { spec, origin, condition, retired, cleaning, heldFor, claimedFor: state.claims.get(spec.name) };
      })
      .sort((a, b) => (a.spec.name < b.spec.name ? -1 : 1)),
    offers: state.offers.map((offer) => offer.pool).sort(),
    reservations: state.reservations
      .map(({ latestMs: _latestMs, order: _order, ...reservation }) => reservation)
      .sort((a, b) => (a.id < b.id ? -1 : 1)),
  };
}

function sameWish(state: NaiveState, a: RequestSpec, b: RequestSpec): boolean {
  const wish = (spec: RequestSpec): unknown => [
    requirementsOf(state, spec),
    spec.affinity,
    spec.allowMaintenance,
    spec.booking ?? '',
  ];
  return same(wish(a), wish(b));
}
