import type { LogStep, Refusal, Revision } from '../event-log.js';

/**
 * How long things live in the model: 'short' is over once the operation that set it has ended, 'long' outlives the test.
 * Engines are given times that make this true.
 */
export type Span = 'short' | 'long';

/** A log step with a span in place of milliseconds. */
export type ModelStep =
  | Exclude<LogStep, { kind: 'arm' | 'remember' }>
  | { readonly kind: 'arm'; readonly lease: string; readonly span: Span }
  | { readonly kind: 'remember'; readonly id: string; readonly value: string; readonly span: Span };

interface Soft {
  readonly held: Map<string, string>;
  readonly deadlines: Map<string, Span | 'over'>;
  readonly answers: Map<string, { value: string; span: Span }>;
}

/** What the model says of a refusal: `remaining` stands for any positive time. */
export interface ModelRefusal extends Omit<Refusal, 'remainingMs'> {
  readonly remaining?: true;
}

/** A naive event log: lists and maps, copied for every append. It knows revisions only as numbers that it was given. */
export class ModelLog {
  entries: { readonly last: Revision; readonly events: readonly string[] }[] = [];
  trimmed: Revision = 0;
  last: Revision = 0;
  snapshot: { revision: Revision; data: string } | undefined;
  readonly sessions = new Map<string, Span>();
  #soft: Soft = { held: new Map(), deadlines: new Map(), answers: new Map() };

  /** Whether a writer or follower can go on from `position`. */
  knows(position: Revision): boolean {
    return position === this.trimmed || this.entries.some(({ last }) => last === position);
  }

  after(position: Revision): string[] {
    return this.entries.filter(({ last }) => last > position).flatMap(({ events }) => events);
  }

  /** Takes the steps on a copy: why one is refused, or a function that makes the copy true. */
  plan(steps: readonly ModelStep[]): ModelRefusal | (() => void) {
    const copy = structuredClone(this.#soft);
    for (const [step, todo] of steps.entries()) {
      const refusal = this.#take(copy, todo);
      if (refusal !== undefined) return { step, ...refusal };
    }
    return () => {
      this.#soft = copy;
    };
  }

  touch(lease: string, span: Span, missing: boolean): boolean {
    if (this.#soft.deadlines.has(lease) === missing) return false;
    this.#soft.deadlines.set(lease, span);
    return true;
  }

  deadline(lease: string): Span | 'over' | undefined {
    return this.#soft.deadlines.get(lease);
  }

  recall(id: string): string | undefined {
    return this.#soft.answers.get(id)?.value;
  }

  trim(upTo: Revision): void {
    const limit = Math.min(upTo, this.snapshot?.revision ?? 0);
    const dropped = this.entries.filter(({ last }) => last <= limit);
    this.entries = this.entries.filter(({ last }) => last > limit);
    this.trimmed = dropped.at(-1)?.last ?? this.trimmed;
  }

  /** Ends what was set for a short time; answers whether there was any. */
  settle(): boolean {
    let any = false;
    for (const [lease, span] of this.#soft.deadlines) {
      if (span !== 'short') continue;
      this.#soft.deadlines.set(lease, 'over');
      any = true;
    }
    for (const [id, { span }] of this.#soft.answers) if (span === 'short') any = this.#soft.answers.delete(id);
    for (const [session, span] of this.sessions) if (span === 'short') any = this.sessions.delete(session);
    return any;
  }

  #take(soft: Soft, step: ModelStep): Omit<ModelRefusal, 'step'> | undefined {
    switch (step.kind) {
      case 'hold': {
        const lease = soft.held.get(step.bench);
        if (lease !== undefined && lease !== step.lease) return { lease };
        soft.held.set(step.bench, step.lease);
        return undefined;
      }
      case 'free': {
        const lease = soft.held.get(step.bench);
        if (lease !== step.lease) return lease === undefined ? {} : { lease };
        soft.held.delete(step.bench);
        return undefined;
      }
      case 'arm':
        soft.deadlines.set(step.lease, step.span);
        return undefined;
      case 'disarm':
        soft.deadlines.delete(step.lease);
        return undefined;
      case 'overdue': {
        const deadline = soft.deadlines.get(step.lease);
        if (deadline !== 'over') return deadline === undefined ? {} : { remaining: true };
        soft.deadlines.delete(step.lease);
        return undefined;
      }
      case 'sessionAlive':
        return this.sessions.has(step.session) ? undefined : {};
      case 'sessionGone':
        return this.sessions.has(step.session) ? {} : undefined;
      case 'fresh': {
        const there = soft.answers.get(step.id);
        return there === undefined ? undefined : { value: there.value };
      }
      case 'remember':
        soft.answers.set(step.id, { value: step.value, span: step.span });
        return undefined;
    }
  }
}
