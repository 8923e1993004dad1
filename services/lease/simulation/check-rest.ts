import type { LabRules } from '../src/domain/model.js';
import { schedule } from '../src/domain/schedule.js';
import { wrongIndexes } from './check-indexes.js';
import { LabState } from '../src/domain/state.js';
import { QueueViews } from '../src/domain/views.js';
import { msgpackCodec } from '../src/store/msgpack-codec.js';
import { pictureOfState } from './dump-state.js';
import type { SimulatedCaller } from './simulated-caller.js';
import type { SimulatedServer } from './simulated-server.js';
import type { SimulatedStore } from './simulated-store.js';
import type { World } from './world.js';

/** Something is late when its time has been over for longer than that, and no trouble was in the way. */
const LATE_MS = 3_000;

/** Whether all is well when nothing is under way: servers agree, what time demands is done, callers have what they think. */
export function checkRest(
  world: World,
  rules: LabRules,
  servers: readonly SimulatedServer[],
  callers: readonly SimulatedCaller[],
): void {
  const state = replay(world.store, rules);
  const { nowMs } = world.time;
  const facts = factsOf(state, nowMs);
  for (const { lab, serves } of servers) {
    if (!serves) world.wrong('a server does not start');
    else if (factsOf(lab.state, nowMs) !== facts) world.wrong('a server has another state than the log');
  }
  checkTimes(world, rules, servers);
  for (const { spec, phase, leaseId, needsStream } of callers) {
    const { requestId } = spec;
    const place = phase === 'asking' ? state.requests.get(requestId) : state.leases.get(leaseId);
    if (phase === 'done' || !needsStream) continue;
    if (place === undefined) world.wrong(`${requestId} is ${phase}, and the lab does not know of it`);
    else if (place.detachedUntilMs !== undefined)
      world.wrong(`${requestId} is ${phase}, and the lab thinks it is away`);
  }
}

/** Whether what time demands is done. Graces count at least from when a server last found that the store had lost something. */
export function checkTimes(world: World, rules: LabRules, servers: readonly SimulatedServer[]): void {
  const { store, time } = world;
  const state = replay(store, rules);
  const { requests, leases, reservations } = state;
  const longAgo = time.nowMs - LATE_MS;
  const lostMs = Math.max(...servers.map(({ loadedMs }) => loadedMs));
  for (const {
    spec,
    detachedUntilMs = Infinity,
    keptUntilMs = Infinity,
    aside,
    waitUntilMs = Infinity,
  } of requests.values()) {
    const graceMs = Math.max(spec.graceMs, rules.waiterGraceMs);
    const awayMs = Math.max(detachedUntilMs, lostMs + graceMs);
    const dueMs = Math.min(awayMs, aside ? Infinity : keptUntilMs, waitUntilMs);
    if (dueMs < longAgo) world.wrong(`${spec.requestId} waits, and its time was over at ${dueMs}`);
  }
  for (const { id, spec, detachedUntilMs = Infinity, endMs = Infinity } of leases.values()) {
    const awayMs = Math.max(detachedUntilMs, lostMs + spec.graceMs);
    const dueMs = Math.min(awayMs, endMs, store.deadlines.get(id) ?? Infinity);
    if (dueMs < longAgo) world.wrong(`${id} is held, and its time was over at ${dueMs}`);
  }
  for (const { id, score } of reservations.all()) {
    if (score < longAgo) world.wrong(`${id} neither began nor ended at ${score}`);
  }
  for (const wrong of wrongIndexes(state)) world.wrong(wrong);
}

/** Requests that wait, and could be granted now: a reservation may have come too near for those who had claims before them. */
export function grantable({ store, time }: World, rules: LabRules): readonly string[] {
  return schedule(replay(store, rules), time.nowMs).grants.map(({ request }) => request.spec.requestId);
}

/** The state that follows from the log alone. */
function replay(store: SimulatedStore, rules: LabRules): LabState {
  const { snapshot, entries, last } = store.load();
  const state = new LabState(rules);
  if (snapshot !== undefined) msgpackCodec.decodeState(snapshot.data, state);
  for (const { events, first } of entries) {
    events.forEach((bytes, i) => state.apply(msgpackCodec.decodeEvent(bytes), first + i));
  }
  state.revision = last;
  return state;
}

function factsOf(state: LabState, nowMs: number): string {
  return JSON.stringify(pictureOfState(state, new QueueViews(state), schedule(state, nowMs).claims));
}
