import type { Clock, Failpoint, Logger, Timer } from '@berth/kernel';
import { BerthError, randomId } from '@berth/kernel';
import type { Change, LabRules, LeaseEvent } from '../domain/index.js';
import { Draft, forgetIdle, LabState, QueueViews } from '../domain/index.js';
import type { Codec } from '../ports/codec.js';
import type { EventLog, LogEntry, Refusal } from '../ports/event-log.js';
import type { Drafted, Pending } from './drafted-command.js';
import { answer, answerAgain, planItem, revisionsFrom, unheard } from './drafted-command.js';
import type { Command, RevisionOf } from './command.js';
import type { LeaseMetrics } from './lease-metrics.js';
import type { ReplicaListener } from './replica-listener.js';

/** Commands planned together, and appended as one batch. */
const BATCH = 256;
/** After the store could not be read, and nobody asks for anything. */
const RETRY_MS = 500;

export interface ReplicaDeps {
  readonly log: EventLog;
  readonly codec: Codec;
  readonly rules: LabRules;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly failpoint: Failpoint;
  /** True when other processes append to the same log. */
  readonly shared: boolean;
  /**
   * A grant was refused because the session that its caller's stream hangs on is gone: gives the commands that must be
   * planned first so that the same plan does not come again.
   */
  readonly sessionDead: (session: string) => Promise<readonly Command<unknown>[]>;
  /** Told what this process committed, once it is applied. */
  readonly committed?: LeaseMetrics['committed'] | undefined;
}

/**
 * One lab's state on one server process, and the way to change it: commands that arrive together are planned together on
 * the state, appended as one batch, and applied when they are committed; only then are they answered (rule 9). When
 * another replica was first, what it committed is applied and the commands are planned again, so that every decision was
 * made on exactly the state that its revision follows.
 */
export class Replica {
  readonly log: EventLog;
  state: LabState;
  views: QueueViews;
  readonly #deps: ReplicaDeps;
  readonly #listeners: ReplicaListener[] = [];
  #pending: Pending[] = [];
  #inbox: { readonly entry: LogEntry; readonly after: number }[] = [];
  #running = false;
  #stopped = false;
  /** The store said that the log cannot be continued from our revision. */
  #lost = false;
  /** An append failed without an answer: it may have been committed. */
  #unsure = false;
  /** The revision that the last such append named. */
  #unsureAt: number | undefined;
  /**
   * From when the state was loaded anew until the lab is filled again, so that nothing is judged by an empty lab. An Acquire
   * in flight when Redis comes back empty: its append is refused as lost, or (another command was first) it arrives after the
   * reload. In both cases it would be planned before the inventory, and be told that there is no such bench.
   */
  #restocking = false;
  #whenLoaded: (() => void)[] = [];
  #retry: Timer | undefined;

  constructor(deps: ReplicaDeps) {
    this.#deps = deps;
    this.log = deps.log;
    this.state = new LabState(deps.rules);
    this.views = new QueueViews(this.state);
  }

  /** True when nothing is being planned, read or committed. */
  get idle(): boolean {
    return !this.#running && this.#pending.length === 0 && this.#inbox.length === 0;
  }

  /** True while an append that got no answer may still be taken by the store: nothing was committed since. */
  get lateMayCome(): boolean {
    return this.#unsureAt === this.state.revision;
  }

  listen(listener: ReplicaListener): void {
    this.#listeners.push(listener);
  }

  /** Reads the state from the store: at start, and after the store lost something. */
  async load(): Promise<void> {
    const { snapshot, entries, last } = await this.log.load();
    const state = new LabState(this.#deps.rules);
    if (snapshot !== undefined) this.#deps.codec.decodeState(snapshot.data, state);
    for (const listener of this.#listeners) listener.loading?.(snapshot?.revision ?? 0);
    for (const entry of entries) {
      const changes = entry.events.flatMap((bytes, i) =>
        state.apply(this.#deps.codec.decodeEvent(bytes), entry.first + i),
      );
      for (const listener of this.#listeners) listener.replayed?.(changes, entry.last);
    }
    // An empty or trimmed log still has its last revision, which the next append must name.
    state.revision = last;
    this.state = state;
    this.views = new QueueViews(state);
    // It may be of what the store has lost: follow again from here.
    this.#inbox = [];
  }

  /** True while commands wait for the lab to be filled again. */
  get restocking(): boolean {
    return this.#restocking;
  }

  /**
   * Plans, commits and answers a command. Rejects with the planner's error, or STORE_UNAVAILABLE. While a lab that came back
   * empty is filled again only what `restocks` is planned; the others wait.
   */
  submit<A>(command: Command<A>, restocks = false): Promise<A> {
    return new Promise<A>((resolve, reject) => {
      if (this.#stopped) {
        reject(shuttingDown());
        return;
      }
      this.#pending.push({ command, resolve: resolve as (answer: unknown) => void, reject, restocks });
      this.#kick();
    });
  }

  /** An entry that was committed by anyone, and the revision that it follows. */
  receive(entry: LogEntry, after: number): void {
    this.#inbox.push({ entry, after });
    this.#kick();
  }

  /** The store cannot continue from our revision: loads again, and resolves when that has succeeded. */
  lost(): Promise<void> {
    this.#lost = true;
    this.#kick();
    return new Promise((resolve) => this.#whenLoaded.push(resolve));
  }

  /** The lab is filled again: `first` submits what goes before the commands that waited for it. */
  restocked(first: () => void): void {
    const waiting = this.#pending.splice(0);
    this.#restocking = false;
    first();
    this.#pending.push(...waiting);
    this.#kick();
  }

  /** The lab could not be filled again: refuses the commands that wait for it. */
  notRestocked(error: BerthError): void {
    const waiting = this.#pending.filter(({ restocks }) => restocks !== true);
    this.#pending = this.#pending.filter(({ restocks }) => restocks === true);
    for (const { reject } of waiting) reject(error);
  }

  /** Refuses commands from now on, and those that wait for a lab to be filled again. */
  stop(): void {
    this.#stopped = true;
    if (this.#restocking) this.notRestocked(shuttingDown());
    this.#retry?.cancel();
    for (const resolve of this.#whenLoaded.splice(0)) resolve();
  }

  #kick(): void {
    if (this.#running) return;
    this.#running = true;
    // After the events that are in already: what arrives in one turn of the loop is committed together.
    setImmediate(() => void this.#run());
  }

  async #run(): Promise<void> {
    try {
      while (this.#lost || this.#inbox.length > 0 || this.#hasWork) {
        const batch = this.#lost || this.#unsure ? [] : this.#take();
        try {
          if (this.#lost) await this.#reload();
          else if (this.#unsure) await this.#catchUp();
          // What was committed before the loss says nothing of what is there now.
          if (this.#isLost()) continue;
          this.#applyInbox();
          await this.#commit(batch);
        } catch (error) {
          if (batch.length === 0 && this.#pending.length === 0) throw error;
          for (const item of batch.length > 0 ? batch : this.#pending.splice(0)) item.reject(error);
        }
      }
    } catch (error) {
      this.#deps.logger.warn({ err: error }, 'the lab could not catch up with its log; trying again');
      this.#retry?.cancel();
      if (this.#stopped) return;
      this.#retry = this.#deps.clock.after(RETRY_MS, () => {
        this.#kick();
      });
    } finally {
      this.#running = false;
    }
  }

  get #hasWork(): boolean {
    return this.#restocking ? this.#pending.some(({ restocks }) => restocks) : this.#pending.length > 0;
  }

  /** The next commands to plan. */
  #take(): readonly Pending[] {
    if (!this.#restocking) return this.#pending.splice(0, BATCH);
    const batch = this.#pending.filter(({ restocks }) => restocks);
    this.#pending = this.#pending.filter(({ restocks }) => restocks !== true);
    return batch;
  }

  /** As a call, since it changes while others are waited for. */
  #isLost(): boolean {
    return this.#lost;
  }

  async #reload(): Promise<void> {
    await this.load();
    this.#lost = false;
    this.#unsure = false;
    this.#restocking = true;
    this.#deps.logger.warn({ revision: this.state.revision }, 'the store had lost something: state loaded anew');
    for (const listener of this.#listeners) listener.reloaded?.();
    for (const resolve of this.#whenLoaded.splice(0)) resolve();
  }

  /**
   * Reads what was committed meanwhile, by others or (after an append without an answer) perhaps by that very append.
   * Tells whether there was anything.
   */
  async #catchUp(): Promise<boolean> {
    const entries = await this.log.read(this.state.revision);
    if (entries === 'trimmed') {
      this.#lost = true;
      return true;
    }
    this.#unsure = false;
    for (const entry of entries) this.#applyEntry(entry);
    return entries.length > 0;
  }

  /**
   * Our own entries come back through the follower, which may be behind. It is at 5 when we commit 7; the store comes back
   * with a copy that ends at 5, and another process commits 9, which follows 5: for the follower nothing is missing.
   */
  #applyInbox(): void {
    const inbox = this.#inbox;
    this.#inbox = [];
    for (const { entry, after } of inbox) {
      this.#lost ||= entry.last > this.state.revision && after !== this.state.revision;
      if (this.#lost) return;
      this.#applyEntry(entry);
    }
  }

  #applyEntry(entry: LogEntry): void {
    // Our own entries come back through the follower; they are applied already.
    if (entry.last <= this.state.revision) return;
    this.#apply(
      entry.events.map((bytes) => this.#deps.codec.decodeEvent(bytes)),
      entry.first,
    );
  }

  #apply(events: readonly LeaseEvent[], first: number, committed?: ReplicaDeps['committed']): void {
    const { state } = this;
    const changes: Change[] = [];
    try {
      events.forEach((event, i) => {
        for (const change of state.apply(event, first + i)) changes.push(change);
      });
    } catch (error) {
      // Half an entry is applied: nothing may be planned on such a state.
      this.#lost = true;
      throw error;
    }
    for (const listener of this.#listeners) listener.applied?.(changes, state.revision);
    committed?.(events, changes, state);
  }

  /** Plans the batch until the store takes it, or there is nothing left to take. */
  async #commit(batch: readonly Pending[]): Promise<void> {
    let items = batch;
    // On a log of our own nobody else commits.
    let current = !this.#deps.shared;
    while (items.length > 0) {
      if (this.#isLost()) {
        // Planned when the state is loaded, and the lab filled, again.
        this.#pending.unshift(...items);
        return;
      }
      forgetIdle(this.state);
      const draft = new Draft(this.state, this.log.now(), newLeaseId);
      const drafted = items.map((item) => planItem(draft, item, this.#deps.rules.keepAnswersMs));
      draft.finish();
      if (draft.events.length === 0 && draft.steps.length === 0) {
        // Without an append nothing shows that we have seen everything: a release whose grant went through another
        // replica a moment ago must not be answered with "there is no such lease" because our follower is late.
        if (!current) {
          current = true;
          if (await this.#catchUp()) continue;
        }
        await this.#answer(drafted, (revision) => revision);
        return;
      }
      items = await this.#append(draft, drafted);
    }
  }

  /** Answers commands that are committed, in their order; `revisionOf` is that of their draft. */
  async #answer(drafted: readonly Drafted[], revisionOf: RevisionOf): Promise<void> {
    for (const item of drafted) {
      const isRepeat = 'error' in item.made && item.command.requestId !== '' && (await this.#answerAgain(item));
      if (!isRepeat) answer(item, revisionOf);
    }
  }

  /**
   * A command that failed may be a repeat of one that did its work before: then it is answered as that one was. Tells
   * whether it is answered.
   */
  async #answerAgain(item: Drafted): Promise<boolean> {
    try {
      const text = await this.log.recall(item.command.requestId);
      if (text !== undefined) answerAgain(item, text);
      return text !== undefined;
    } catch (error) {
      item.reject(error);
      return true;
    }
  }

  /** Appends a draft; returns the commands that must be planned again. */
  async #append(draft: Draft, drafted: readonly Drafted[]): Promise<readonly Pending[]> {
    const { codec, failpoint } = this.#deps;
    await failpoint('lease.beforeAppend');
    const events = draft.events.map((event) => codec.encodeEvent(event));
    let result;
    try {
      result = await this.log.append({ expected: this.state.revision, events, steps: draft.steps });
    } catch (error) {
      this.#unsure = true;
      this.#unsureAt = this.state.revision;
      throw error;
    }
    switch (result.outcome) {
      case 'committed':
        await failpoint('lease.afterAppend');
        if (draft.events.length > 0) this.#apply(draft.events, result.first, this.#deps.committed);
        await failpoint('lease.beforeAnswer');
        await this.#answer(drafted, revisionsFrom(draft.base, result.first));
        return [];
      case 'conflict':
        for (const entry of result.missed) this.#applyEntry(entry);
        return drafted;
      case 'lost':
        this.#lost = true;
        return drafted;
      case 'refused':
        return this.#refused(drafted, draft, result.refusal);
    }
  }

  /** One command stands in the way: answers it, and plan the others without it. */
  async #refused(drafted: readonly Drafted[], draft: Draft, refusal: Refusal): Promise<readonly Pending[]> {
    const step = draft.steps[refusal.step];
    const culprit = drafted.find((item) => item.fromStep <= refusal.step && refusal.step < item.toStep);
    if (step === undefined || culprit === undefined) throw new Error('the store refused a step that was not asked for');
    const others = drafted.filter((item) => item !== culprit);
    if (step.kind === 'fresh') {
      const text = await this.log.recall(step.id);
      // What is there may be of another command of this very batch, which is not committed: then try again after it.
      if (text === undefined) this.#pending.unshift(culprit);
      else answerAgain(culprit, text);
      return others;
    }
    if (step.kind === 'sessionAlive') {
      const first = await this.#deps.sessionDead(step.session);
      return [...first.map(unheard), ...drafted];
    }
    if (culprit.command.refused?.(step, refusal) === true) culprit.resolve(undefined);
    else {
      if (step.kind === 'hold' || step.kind === 'free') {
        // Rule 1, enforced a second time: the locks in the store and the log disagree, so one was changed by hand.
        this.#deps.logger.error({ step, refusal }, 'a bench lock in the store is not as the log says');
      }
      const why = 'the store refused the plan; the server looks after it. Call again.';
      culprit.reject(new BerthError('STORE_UNAVAILABLE', why, { retryAfterMs: 500, metadata: { step: step.kind } }));
    }
    return others;
  }
}

function shuttingDown(): BerthError {
  return new BerthError('SHUTTING_DOWN', 'the server shuts down; call again.', { retryAfterMs: 1000 });
}

function newLeaseId(): string {
  return randomId('ls');
}
