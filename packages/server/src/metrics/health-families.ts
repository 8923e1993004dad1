import type { ServerHealth } from '../health/health.js';
import type { Family, Labelled } from './families.js';
import { gaugeFamily } from './families.js';

/** What a process tells of itself: its version, and which of its services serve. */
export function healthFamilies(health: ServerHealth): readonly Family[] {
  const version = (): readonly Labelled<number>[] => [{ labels: { version: health.version }, cell: 1 }];
  const services = (): readonly Labelled<number>[] =>
    Object.entries(health.report().services).map(([service, word]) => ({
      labels: { service },
      cell: word === 'SERVING' ? 1 : 0,
    }));
  return [
    gaugeFamily('berth_build_info', 'Always 1; the label says which version runs.', version),
    gaugeFamily('berth_service_up', 'Whether a service of this process serves: 1 or 0.', services),
  ];
}
