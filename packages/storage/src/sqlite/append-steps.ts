import type { LogStep, Refusal, Revision } from '../event-log/event-log.js';
import type { SoftState } from './soft-state.js';
import type { Statements } from './statements.js';

/** Deadlines as this append leaves them; they reach the soft state when the transaction is committed. */
export type DeadlineChanges = Map<string, number | undefined>;

/** One append in the making. Its writes are in the open transaction, which the caller rolls back on a refusal. */
export interface StepContext {
  readonly lab: number;
  readonly statements: Statements;
  readonly soft: SoftState;
  readonly deadlines: DeadlineChanges;
  readonly first: Revision;
  /** Wall clock, for answers that outlive the process. */
  readonly nowMs: number;
}

type StepRefusal = Omit<Refusal, 'step'>;

function holderOf(context: StepContext, bench: string): StepRefusal {
  const row = context.statements.holder.get(context.lab, bench);
  return row === undefined ? {} : { lease: row.lease };
}

function remainingOf(context: StepContext, lease: string): number | undefined {
  const at = context.deadlines.has(lease) ? context.deadlines.get(lease) : context.soft.deadline(lease);
  return at === undefined ? undefined : at - context.soft.monotonic();
}

function overdue(context: StepContext, lease: string): StepRefusal | undefined {
  const remainingMs = remainingOf(context, lease);
  if (remainingMs === undefined) return {};
  if (remainingMs > 0) return { remainingMs };
  context.deadlines.set(lease, undefined);
  return undefined;
}

function fresh({ lab, statements, nowMs }: StepContext, id: string): StepRefusal | undefined {
  const there = statements.recall.get(lab, id, nowMs);
  return there === undefined ? undefined : { value: there.value };
}

/** Checks one step and writes its effect; answers why it is refused, if it is. */
export function takeStep(context: StepContext, step: LogStep): StepRefusal | undefined {
  const { lab, statements, soft } = context;
  switch (step.kind) {
    case 'hold':
      return statements.hold.run(lab, step.bench, step.lease, context.first + step.event).changes > 0
        ? undefined
        : holderOf(context, step.bench);
    case 'free':
      return statements.free.run(lab, step.bench, step.lease).changes > 0 ? undefined : holderOf(context, step.bench);
    case 'arm':
      context.deadlines.set(step.lease, soft.monotonic() + step.ttlMs);
      return undefined;
    case 'disarm':
      context.deadlines.set(step.lease, undefined);
      return undefined;
    case 'overdue':
      return overdue(context, step.lease);
    case 'sessionAlive':
      return soft.alive(step.session) ? undefined : {};
    case 'sessionGone':
      return soft.alive(step.session) ? {} : undefined;
    case 'fresh':
      return fresh(context, step.id);
    case 'remember': {
      const value = step.stamped ? `${step.value} ${String(context.first)}` : step.value;
      statements.remember.run(lab, step.id, value, Math.ceil(context.nowMs + step.ttlMs));
      return undefined;
    }
  }
}
