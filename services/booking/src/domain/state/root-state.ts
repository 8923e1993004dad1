import { BerthError } from '@berth/kernel';
import type { Booking } from '../model/booking.js';
import { extentOf, isFirm, isWaiting } from '../model/booking.js';
import type { Cluster, Grant, Series, Template } from '../model/cluster.js';
import type { Change, Entry, StoredAnswer } from '../model/ledger.js';
import type { Timeline } from '../timeline/timeline.js';
import { ClusterBook } from './cluster-book.js';
import { dueMs } from './due.js';
import { DueHeap } from './due-heap.js';
import type { Move } from './moves.js';
import { rootCluster } from './root-cluster.js';

/** For how long an answer is kept for repeats, by the instants of entries. */
const KEEP_ANSWERS_MS = 24 * 3_600_000;

type Undo = () => void;

/**
 * The state of one root cluster and of all in it: the fold of its ledger. Objects in it are immutable; an entry replaces them. It
 * is changed by `apply`, and by a draft, which takes its changes back or keeps them.
 */
export class RootState {
  sequence = 0;
  atMs = 0;
  /** How many bookings were made so far. */
  made = 0;
  /** What ended before was forgotten. */
  keptFromMs = -Infinity;
  readonly bookings = new Map<string, Booking>();
  readonly clusters = new Map<string, Cluster>();
  readonly grants = new Map<string, Grant>();
  readonly templates = new Map<string, readonly Template[]>();
  readonly series = new Map<string, Series>();
  /** In the order of their entries. */
  readonly answers = new Map<string, StoredAnswer>();
  /** Bookings that wait for room; holds; those that are DEGRADED; those with a step at the lab to be settled. Ids. */
  readonly waiting = new Set<string>();
  readonly held = new Set<string>();
  readonly degraded = new Set<string>();
  readonly atLab = new Set<string>();
  readonly #books = new Map<string, ClusterBook>();
  readonly #due = new DueHeap();
  readonly #undo: Undo[] = [];
  #moves: Move[] = [];
  #drafting = false;

  constructor(readonly root: string) {
    const cluster = rootCluster(root);
    if (cluster !== undefined) this.#putCluster(cluster.name, cluster);
  }

  /** Applies the next entry of the ledger. Throws when it is not the next one. */
  apply(entry: Entry): void {
    if (entry.sequence !== this.sequence + 1) {
      const text = `entry ${String(entry.sequence)} of '${this.root}' does not follow ${String(this.sequence)}`;
      throw new BerthError('INTERNAL', text);
    }
    for (const change of entry.changes) this.put(change);
    for (const answer of entry.answers) this.answers.set(answer.id, answer);
    this.settleAt(entry.sequence, entry.atMs);
  }

  /** Ends an entry: where the ledger is, and which answers are too old. */
  settleAt(sequence: number, atMs: number): void {
    this.sequence = sequence;
    this.atMs = atMs;
    for (const answer of this.answers.values()) {
      if (answer.atMs > atMs - KEEP_ANSWERS_MS) break;
      this.answers.delete(answer.id);
    }
  }

  /** Puts an object in the place of its version before. */
  put(change: Change): void {
    switch (change.kind) {
      case 'booking': {
        const { made } = this;
        this.#noteUndo(change.booking.id, this.bookings, (id, before) => {
          this.#putBooking(id, before);
          this.made = made;
        });
        this.#putBooking(change.booking.id, change.booking);
        return;
      }
      case 'cluster':
        this.#noteUndo(change.cluster.name, this.clusters, (name, before) => this.#putCluster(name, before));
        this.#putCluster(change.cluster.name, change.cluster);
        return;
      case 'grant':
        this.#noteUndo(change.grant.id, this.grants, (id, before) => this.#putGrant(id, before));
        this.#putGrant(change.grant.id, change.grant);
        return;
      case 'template': {
        const { template } = change;
        const others = (this.templates.get(template.name) ?? []).filter(({ version }) => version !== template.version);
        this.#noteUndo(template.name, this.templates, (name, before) => setOrDelete(this.templates, name, before));
        this.templates.set(
          template.name,
          [...others, template].sort((a, b) => a.version - b.version),
        );
        return;
      }
      case 'series':
        this.#noteUndo(change.series.id, this.series, (id, before) => setOrDelete(this.series, id, before));
        this.series.set(change.series.id, change.series);
    }
  }

  /** The book of a cluster; empty where nothing was put yet. */
  book(cluster: string): ClusterBook {
    let book = this.#books.get(cluster);
    if (book === undefined) {
      book = new ClusterBook(cluster, () => (this.#drafting ? this.#moves : undefined));
      this.#books.set(cluster, book);
    }
    return book;
  }

  /** The timeline of a cluster, in ten-thousandths of its amounts. */
  timeline(cluster: string): Timeline {
    return this.book(cluster).timeline;
  }

  /** When time changes something next; undefined = never, as things are. */
  nextDueMs(): number | undefined {
    return this.nextDue()?.atMs;
  }

  /** The booking that time changes next, and when. */
  nextDue(): { readonly atMs: number; readonly id: string } | undefined {
    return this.#due.first((atMs, id) => {
      const booking = this.bookings.get(id);
      return booking !== undefined && dueMs(booking) === atMs;
    });
  }

  /** Bookings with a step at the lab that is to be settled, in order of creation. */
  labSteps(): readonly Booking[] {
    return this.#byOrder(this.atLab);
  }

  /** Bookings whose benches the lab should have reserved at an instant. */
  reserved(nowMs: number): readonly Booking[] {
    const found: Booking[] = [];
    for (const booking of this.bookings.values()) {
      if (booking.reserved !== undefined && isFirm(booking) && extentOf(booking).endMs > nowMs) found.push(booking);
    }
    return found;
  }

  /** Bookings that wait for room: by priority, then by creation. */
  queue(): readonly Booking[] {
    return [...this.#byOrder(this.waiting)].sort((a, b) => b.priority - a.priority || a.order - b.order);
  }

  /** Takes out what ended before an instant: bookings, grants, and clusters that are gone. Not while a draft is open. */
  forget(beforeMs: number): void {
    this.keptFromMs = Math.max(this.keptFromMs, beforeMs);
    for (const [id, booking] of this.bookings) if (endedBefore(booking, beforeMs)) this.#putBooking(id, undefined);
    for (const [id, grant] of this.grants) {
      if (Math.min(grant.endMs, grant.deletedMs ?? Infinity) <= beforeMs) this.#putGrant(id, undefined);
    }
    for (const [id, { bookings }] of this.series)
      if (!bookings.some((one) => this.bookings.has(one))) this.series.delete(id);
    for (const [name, cluster] of this.clusters) {
      const over =
        cluster.parent !== undefined && Math.min(cluster.endMs ?? Infinity, cluster.deletedMs ?? Infinity) <= beforeMs;
      if (over) this.#putCluster(name, undefined);
    }
  }

  /** Opens a draft: from now on changes can be taken back, and moves are noted. */
  beginDraft(): void {
    if (this.#drafting) throw new Error('a draft is open already');
    this.#drafting = true;
  }

  /** A point to go back to within the draft. */
  mark(): readonly [number, number] {
    return [this.#undo.length, this.#moves.length];
  }

  /** Takes back what was changed since the mark, newest first. */
  rewind([undone, moves]: readonly [number, number]): void {
    while (this.#undo.length > undone) this.#undo.pop()?.();
    this.#moves.length = moves;
  }

  /** What moved since a mark, for firm bookings. */
  movesSince([, moves]: readonly [number, number]): readonly Move[] {
    return this.#moves.slice(moves);
  }

  /** Closes the draft; without `keep` all of it is taken back. */
  endDraft(keep: boolean): void {
    if (!keep) this.rewind([0, 0]);
    this.#undo.length = 0;
    this.#moves = [];
    this.#drafting = false;
  }

  /** Puts an answer that is to be kept for repeats; part of a draft. */
  putAnswer(answer: StoredAnswer): void {
    this.#noteUndo(answer.id, this.answers, (id, before) => setOrDelete(this.answers, id, before));
    this.answers.set(answer.id, answer);
  }

  #noteUndo<K, V>(key: K, map: ReadonlyMap<K, V>, put: (key: K, before: V | undefined) => void): void {
    if (!this.#drafting) return;
    const before = map.get(key);
    this.#undo.push(() => put(key, before));
  }

  #putBooking(id: string, booking: Booking | undefined): void {
    const before = this.bookings.get(id);
    if (before !== undefined) this.#count(before, -1);
    setOrDelete(this.bookings, id, booking);
    if (before === undefined && booking !== undefined) this.made = Math.max(this.made, booking.order + 1);
    if (booking === undefined) return;
    this.#count(booking, 1);
    const due = dueMs(booking);
    if (due === undefined) return;
    this.#due.push(due, id);
    if (this.#due.size > 64 + 4 * this.bookings.size) this.#tidyDue();
  }

  #count(booking: Booking, sign: 1 | -1): void {
    const { id, spans, lab } = booking;
    const [only] = spans;
    if (only !== undefined && spans.length === 1 && lab === undefined) this.book(only.cluster).booking(booking, sign);
    else {
      const clusters = new Set([...spans, ...(lab?.spans ?? [])].map(({ cluster }) => cluster));
      for (const cluster of clusters) this.book(cluster).booking(booking, sign);
    }
    setHas(this.waiting, id, sign === 1 && isWaiting(booking));
    setHas(this.held, id, sign === 1 && booking.state === 'HELD');
    setHas(this.degraded, id, sign === 1 && booking.degraded);
    setHas(this.atLab, id, sign === 1 && lab !== undefined);
  }

  #putCluster(name: string, cluster: Cluster | undefined): void {
    setOrDelete(this.clusters, name, cluster);
    this.book(name).putCluster(cluster);
  }

  #putGrant(id: string, grant: Grant | undefined): void {
    const before = this.grants.get(id);
    setOrDelete(this.grants, id, grant);
    if (before !== undefined && before.cluster !== grant?.cluster) this.book(before.cluster).putGrant(id, undefined);
    if (grant !== undefined) this.book(grant.cluster).putGrant(id, grant);
  }

  #tidyDue(): void {
    this.#due.clear();
    for (const [id, booking] of this.bookings) {
      const due = dueMs(booking);
      if (due !== undefined) this.#due.push(due, id);
    }
  }

  #byOrder(ids: Iterable<string>): readonly Booking[] {
    const found: Booking[] = [];
    for (const id of ids) {
      const booking = this.bookings.get(id);
      if (booking !== undefined) found.push(booking);
    }
    return found.sort((a, b) => a.order - b.order);
  }
}

/** Whether nothing of a booking lies at or after an instant, and nothing of it is to be done. */
export function endedBefore(booking: Booking, beforeMs: number): boolean {
  if (isWaiting(booking) || booking.lab !== undefined) return false;
  const freedMs = isFirm(booking) ? Infinity : (booking.freedMs ?? 0);
  return Math.min(extentOf(booking).endMs, freedMs) <= beforeMs;
}

function setOrDelete<K, V>(map: Map<K, V>, key: K, value: V | undefined): void {
  if (value === undefined) map.delete(key);
  else map.set(key, value);
}

function setHas(set: Set<string>, id: string, has: boolean): void {
  if (has) set.add(id);
  else set.delete(id);
}
