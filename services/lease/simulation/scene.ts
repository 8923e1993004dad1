import type { By } from '@berth/kernel';
import { BerthError } from '@berth/kernel';
import { planAcquire } from '../src/domain/commands/acquire.js';
import { planCreateBench, planSetCondition } from '../src/domain/commands/inventory.js';
import { planRelease } from '../src/domain/commands/leases.js';
import type { Lease, Waiting } from '../src/domain/entities.js';
import type { BenchSpec, ConditionState, LabRules, RequestSpec, Requirement } from '../src/domain/model.js';
import { SimulatedLab } from './simulated-lab.js';
import { request, RULES } from './specs.js';

/** A caller with its own rights only. */
export function caller(name: string): By {
  return { actor: { name, kind: 'caller' }, operator: false };
}

export const OPERATOR: By = { actor: { name: 'olga', kind: 'caller' }, operator: true };

/** Where a request stands. */
type Standing = { readonly kind: 'waiting' } | { readonly kind: 'granted'; readonly lease: Lease };

/** A lab with short words for what tests of behaviour do most. */
export class Scene extends SimulatedLab {
  constructor(rules: Partial<LabRules> = {}, ...benches: readonly BenchSpec[]) {
    super({ ...RULES, ...rules });
    for (const spec of benches) this.run((draft) => planCreateBench(draft, spec, 'inventory'));
  }

  /** Asks on session 's1', a millisecond after what came before; where the request stands then. */
  acquire(id: string, requirements: readonly Requirement[], more: Partial<RequestSpec> = {}, session = 's1'): Standing {
    this.now++;
    const leaseId = this.run((draft) => planAcquire(draft, request(id, requirements, more), session));
    const lease = this.state.leases.get(leaseId);
    return lease === undefined ? { kind: 'waiting' } : { kind: 'granted', lease };
  }

  release(id: string): void {
    const lease = this.leaseOf(id);
    this.run((draft) => planRelease(draft, lease.id, OPERATOR));
  }

  setCondition(name: string, state: ConditionState, reason = '', untilMs?: number): void {
    const to = { state, reason, ...(untilMs === undefined ? {} : { untilMs }) };
    this.run((draft) => planSetCondition(draft, name, '', to, OPERATOR));
  }

  /** The error that something throws, which must be a BerthError. */
  refusal(of: () => unknown): BerthError {
    try {
      of();
    } catch (error) {
      if (error instanceof BerthError) return error;
      throw error;
    }
    throw new Error('it was not refused');
  }

  leaseOf(id: string): Lease {
    const lease = this.state.leaseOf.get(id);
    if (lease === undefined) throw new Error(`${id} holds nothing`);
    return lease;
  }

  waiting(id: string): Waiting {
    const waiting = this.state.requests.get(id);
    if (waiting === undefined) throw new Error(`${id} does not wait`);
    return waiting;
  }

  /** The benches that a request holds; undefined when it holds none. */
  held(id: string): readonly string[] | undefined {
    return this.state.leaseOf.get(id)?.benches.map((bench) => bench.spec.name);
  }

  /** Ids of waiting requests, best first. */
  get queue(): readonly string[] {
    return [...this.state.queue].map((waiting) => waiting.spec.requestId);
  }
}
