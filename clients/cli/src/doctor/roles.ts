import { type Berth, BerthError } from '@berth/client';
import type { Finding } from './finding.js';

/** The services of each role, by their full names. */
const ROLES: Readonly<Record<string, readonly string[]>> = {
  lease: ['berth.lease.v1.LeaseService', 'berth.lease.v1.InventoryService'],
  tracker: ['berth.tracker.v1.AllocationService', 'berth.tracker.v1.RecordService'],
  pool: ['berth.pool.v1.PoolService'],
  booking: ['berth.booking.v1.BookingService', 'berth.booking.v1.CapacityService'],
};

const ABSENT = 'not at this address';

/** Whether the address has a role, by what was found of its roles. */
export function isHere(role: string, findings: readonly Finding[]): boolean {
  return findings.some(({ check, result }) => check === role && result !== ABSENT);
}

/** Whether each role behind the address serves. One that the address does not have at all is no fault. */
export function checkRoles(
  berth: Berth,
  timeoutMs: number,
  refused: (check: string, error: unknown) => Finding,
): Promise<Finding[]> {
  return Promise.all(Object.entries(ROLES).map(([role, services]) => checkRole(role, services)));

  async function checkRole(role: string, services: readonly string[]): Promise<Finding> {
    try {
      const statuses = await Promise.all(services.map((service) => berth.health(service, { timeoutMs })));
      const ok = statuses.every((status) => status === 'SERVING');
      const next = 'look at the log of the process that has this role: it starts or stops, or its store is away';
      return { check: role, ok, result: ok ? 'SERVING' : 'NOT_SERVING', next: ok ? undefined : next };
    } catch (error) {
      const isAbsent = error instanceof BerthError && error.reason === 'NO_SUCH_SERVICE';
      return isAbsent ? { check: role, ok: true, result: ABSENT } : refused(role, error);
    }
  }
}
