import { readFileSync } from 'node:fs';

/** Resident memory of a process, in KiB. */
export function residentKib(pid: number): number {
  const status = readFileSync(`/proc/${String(pid)}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN);
}
