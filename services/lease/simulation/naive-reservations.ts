import type { LabRules, ReservationSpec } from '../src/domain/model.js';
import { clearMs, endOf } from './naive-bookings.js';
import { isHeldBack } from './naive-limits.js';
import { candidates } from './naive-matching.js';
import type { NaiveBench, NaiveLease, NaiveReservation, NaiveState } from './naive-state.js';
import { endNaively, holderOf } from './naive-state.js';

/** Starts and ends the reservations whose time has come, one after the other; what ends makes room for what starts. */
export function settleNaively(state: NaiveState, now: number): void {
  for (;;) {
    const [next] = state.reservations
      .map((one) => ({ one, atMs: one.started ? one.endMs : one.startMs, order: (one.started ? -1 : 1) * one.order }))
      .filter(({ atMs }) => atMs <= now)
      .sort((a, b) => a.atMs - b.atMs || a.order - b.order);
    if (next === undefined) return;
    if (next.one.started) dropNaively(state, next.one, next.one.version);
    else {
      clearNaively(state, next.one);
      next.one.started = true;
    }
  }
}

/** In its time nobody else has its benches. */
function clearNaively(state: NaiveState, { id, benches }: NaiveReservation): void {
  for (const bench of benches) {
    const lease = holderOf(state, bench);
    if (lease !== undefined && lease.spec.booking !== id) endNaively(state, lease);
  }
}

/** A reservation goes, and what hangs on it. */
export function dropNaively(state: NaiveState, { id, benches, latestMs }: NaiveReservation, version: number): void {
  state.queue = state.queue.filter(({ spec }) => spec.booking !== id);
  for (const lease of leasesOf(state, id, benches)) endNaively(state, lease);
  state.reservations = state.reservations.filter((one) => one.id !== id);
  forget(state, id, version, latestMs);
}

function leasesOf(state: NaiveState, id: string, benches: readonly string[]): readonly NaiveLease[] {
  const held = benches.flatMap((bench) => holderOf(state, bench) ?? []);
  return [...new Set(held)].filter(({ spec }) => spec.booking === id);
}

function forget(state: NaiveState, id: string, version: number, untilMs: number): void {
  state.gone = [...state.gone.filter((one) => one.id !== id), { id, version, untilMs }];
}

/** Deletes a reservation, or remembers that it is not to come any more. */
export function deleteNaively(state: NaiveState, id: string, version: number, ifUnused: boolean, now: number): void {
  const known = state.reservations.find((one) => one.id === id);
  if (known === undefined) {
    const before = state.gone.find((one) => one.id === id && one.untilMs > now);
    if ((before?.version ?? 0) < version) {
      forget(state, id, version, Math.max(now + 86_400_000, before?.untilMs ?? 0));
    }
  } else if (known.version <= version && !(ifUnused && known.used)) dropNaively(state, known, version);
}

/** Puts a reservation; the reason why it is refused, if it is. */
export function putNaively(
  state: NaiveState,
  wanted: ReservationSpec,
  force: boolean,
  rules: LabRules,
  now: number,
): string | undefined {
  const { id, version, benches, owners, startMs, endMs } = wanted;
  const known = state.reservations.find((one) => one.id === id);
  const gone = state.gone.find((one) => one.id === id && one.untilMs > now);
  if ((known?.version ?? gone?.version ?? 0) >= version) return undefined;
  if (endMs <= now) return 'INVALID_FIELD';
  const leadsMs: Record<string, number> = {};
  for (const name of benches) {
    const bench = state.benches.find(({ spec }) => spec.name === name);
    if (!force && bench === undefined) return 'NO_SUCH_BENCH';
    if (!force && bench?.retired === true) return 'BENCH_UNAVAILABLE';
    const others = state.reservations.filter((one) => one.id !== id && one.benches.includes(name));
    if (others.some((one) => one.startMs < endMs && startMs < one.endMs)) return 'BENCH_BOOKED';
    const leadMs = bench === undefined ? 0 : leadOf(state, bench);
    if (leadMs > 0) leadsMs[name] = leadMs;
    if (!force && isInTheWay(state, name, id, startMs - leadMs, rules, now)) return 'BENCH_HELD';
  }
  for (const lease of leasesOf(state, id, known?.benches ?? [])) {
    if (startMs <= now && lease.benches.every((bench) => benches.includes(bench))) continue;
    if (!force) return 'BENCH_HELD';
    endNaively(state, lease);
  }
  state.queue = state.queue.filter(
    ({ spec }) => spec.booking !== id || spec.asOperator === true || owners.includes(spec.owner),
  );
  state.reservations = state.reservations.filter((one) => one !== known);
  const put = {
    ...wanted,
    leadsMs,
    latestMs: Math.max(endMs, known?.latestMs ?? 0, gone?.untilMs ?? 0),
    started: known?.started === true && startMs <= now,
    used: known?.used ?? false,
    order: state.tick++,
  };
  state.reservations.push(put);
  if (put.started) clearNaively(state, put);
  return undefined;
}

function leadOf({ offers }: NaiveState, { spec, origin }: NaiveBench): number {
  const offer = offers.find(({ pool }) => origin === `pool/${pool}`);
  return spec.recycle === 'CLEAN' ? (offer?.makeTimeMs ?? 0) : 0;
}

/** Whether somebody was promised the bench, or waits for it who would get no notice. */
function isInTheWay(state: NaiveState, name: string, id: string, atMs: number, rules: LabRules, now: number): boolean {
  const known = state.reservations.find((one) => one.id === id && one.benches.includes(name));
  if (known !== undefined && atMs >= clearMs(known, name)) return false;
  const lease = holderOf(state, name);
  const isSoon = atMs < now + rules.bookingNoticeMs;
  if (lease !== undefined && lease.spec.booking !== id && atMs < (endOf(state, lease) ?? Infinity)) {
    if (lease.ownEndMs === undefined && isSoon) return true;
    if (lease.ownEndMs !== undefined && atMs < lease.ownEndMs) return true;
  }
  const waiting = state.queue.filter(({ spec }) => spec.booking === undefined && !isHeldBack(state, rules, spec));
  return isSoon && waiting.some(({ spec }) => candidates(state, spec).includes(name));
}
