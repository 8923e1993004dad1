import type { Attribute, BenchSpec, LabRules, Offer, RequestSpec, Requirement } from '../src/domain/model.js';

/** The default rules of a lab. */
export const RULES: LabRules = {
  priorityPointMs: 60_000,
  backfill: false,
  waiterGraceMs: 30_000,
  keepBackMs: 20_000,
  keepAnswersMs: 86_400_000,
  bookingNoticeMs: 3_600_000,
  openEndedMs: 3_600_000,
};

/** A bench description; what is not said is empty. */
export function bench(name: string, more: Partial<BenchSpec> = {}): BenchSpec {
  return { name, location: '', attributes: [], entities: {}, properties: {}, labels: {}, affinity: '', ...more };
}

/** Attributes with weight 0, or as said: `attributes('a', 'b:3')`. */
export function attributes(...names: readonly string[]): Attribute[] {
  return names.map((text) => {
    const [name = '', weight = '0'] = text.split(':');
    return { name, weight: Number(weight) };
  });
}

/** An offer of a pool that can make one bench at present, with these attributes; what else is not said is empty. */
export function offer(pool: string, names: readonly string[], more: Partial<Offer> = {}): Offer {
  const empty = { location: '', entities: {}, labels: {}, blockedReason: '', updatedMs: 0 };
  return { pool, attributes: attributes(...names), available: 1, ...empty, ...more };
}

/** A requirement; what is not said is not asked for. */
export function requirement(more: Partial<Requirement> = {}): Requirement {
  return { bench: '', location: '', attributes: [], entities: [], pool: '', labels: {}, ...more };
}

/** A requirement for a certain bench. */
export function named(bench: string): Requirement {
  return requirement({ bench });
}

/** A request of an attached caller that waits for ever; its fingerprint follows from what it says. */
export function request(
  requestId: string,
  requirements: readonly Requirement[],
  more: Partial<Omit<RequestSpec, 'requestId' | 'requirements'>> = {},
): RequestSpec {
  const spec = {
    requestId,
    named: true,
    owner: 'ann',
    description: '',
    requirements,
    priority: 50,
    hold: 'CONNECTION' as const,
    graceMs: 0,
    affinity: '',
    labels: {},
    allowMaintenance: false,
    ...more,
  };
  return { fingerprint: JSON.stringify(spec), ...spec };
}
