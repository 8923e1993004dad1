import { CommandKind, type CommandRun, type Resource, ResourceState } from '@berth/client';

/** The name of a state, as resalloc writes it. */
export function resourceState({ state }: Pick<Resource, 'state'>): string {
  return ResourceState[state] || 'UNKNOWN';
}

/** A resource as resalloc lists it. */
export function resourceLine(resource: Resource): string {
  const { number, name, pool, tags, releases, ticket } = resource;
  const of = ticket === 0 ? 'NULL' : String(ticket);
  const names = tags.map((tag) => tag.name).join(',');
  return `${String(number)} - ${name} pool=${pool} tags=${names} status=${resourceState(resource)} releases=${String(releases)} ticket=${of}`;
}

/** A resource as `-o json` and `-o yaml` show it. */
export function resourceView(resource: Resource) {
  const { number, name, pool, idInPool, counters, tags, lab, data, sandbox, releases, leaseId, ticket } = resource;
  return {
    number,
    name,
    pool,
    idInPool,
    counters,
    state: resourceState(resource),
    tags,
    lab,
    data: data.length > 0 ? data.toString() : undefined,
    sandbox: sandbox || undefined,
    releases,
    lease: leaseId || undefined,
    ticket: ticket || undefined,
    running: resource.running || undefined,
    failedChecks: resource.failedChecks || undefined,
    failedDeletes: resource.failedDeletes || undefined,
    lastError: resource.lastError || undefined,
    retryTime: resource.retryTime,
    endReason: resource.endReason || undefined,
    forgotten: resource.forgotten || undefined,
    createTime: resource.createTime,
    upTime: resource.upTime,
    firstLeaseTime: resource.firstLeaseTime,
    leakTime: resource.leakTime,
    endTime: resource.endTime,
  };
}

/** A run of a command as `-o json` and `-o yaml` show it. */
export function runView({ kind, attempt, startTime, endTime, exitCode, fault }: CommandRun) {
  return { command: commandName(kind), attempt, startTime, endTime, exitCode, fault: fault || undefined };
}

/** A command's name in pools.yaml: `cmd_new`. */
export function commandName(kind: CommandKind): string {
  return `cmd_${(CommandKind[kind] || 'unknown').toLowerCase()}`;
}
