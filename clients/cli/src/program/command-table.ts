import type { Command } from 'commander';

/** A command's file: adds options, arguments and actions to the command of its name. */
export interface CommandFile {
  readonly define: (command: Command) => void;
}

/** A command's line in the overview, and where the rest of it is; only the files that a call needs are loaded. */
export interface CommandEntry {
  readonly summary: string;
  readonly load: () => Promise<CommandFile>;
}

/** Every command, in the order of the overview. */
export const COMMANDS: Readonly<Record<string, CommandEntry>> = {
  run: { summary: 'wait for a bench, run a command with it, give it back', load: () => import('../commands/run.js') },
  acquire: { summary: 'take a bench and keep it after this call', load: () => import('../commands/acquire.js') },
  release: { summary: 'give benches back', load: () => import('../commands/release.js') },
  renew: { summary: 'start the time to live of a lease anew', load: () => import('../commands/renew.js') },
  extend: { summary: 'move the end that --max set', load: () => import('../commands/extend.js') },
  ls: { summary: 'list leases: who holds what, since when', load: () => import('../commands/ls.js') },
  queue: { summary: 'list who waits, for what, and why', load: () => import('../commands/queue.js') },
  watch: { summary: 'print everything that changes', load: () => import('../commands/watch.js') },
  top: { summary: 'show benches, holders and the queue live', load: () => import('../commands/top.js') },
  bench: { summary: 'list, show, create, change and delete benches', load: () => import('../commands/bench.js') },
  inventory: { summary: 'check, apply and export an inventory file', load: () => import('../commands/inventory.js') },
  maintenance: { summary: 'take benches out of service and back', load: () => import('../commands/maintenance.js') },
  revoke: { summary: "end somebody's lease (operators)", load: () => import('../commands/revoke.js') },
  transfer: { summary: 'give a lease to another owner (operators)', load: () => import('../commands/transfer.js') },
  cancel: { summary: 'take a request out of the queue', load: () => import('../commands/cancel.js') },
  priority: {
    summary: "change a waiting request's priority (operators)",
    load: () => import('../commands/priority.js'),
  },
  'check-token': {
    summary: 'tell whether a fencing token is current',
    load: () => import('../commands/check-token.js'),
  },
  alloc: {
    summary: 'say what you allocate and how it ended; list allocations',
    load: () => import('../commands/alloc.js'),
  },
  leaks: { summary: 'list what was never freed', load: () => import('../commands/leaks.js') },
  collect: { summary: 'plan what to do about leaks, and do it', load: () => import('../commands/collect.js') },
  history: { summary: 'who had a bench, when, for how long', load: () => import('../commands/history.js') },
  usage: { summary: 'who used how much', load: () => import('../commands/usage.js') },
  record: {
    summary: 'list, create, change and claim records: machines, addresses',
    load: () => import('../commands/record.js'),
  },
  kinds: { summary: 'what kinds of records there are, and their fields', load: () => import('../commands/kinds.js') },
  ticket: { summary: 'ask for a resource of a pool; prints the number', load: () => import('../commands/ticket.js') },
  'ticket-check': {
    summary: "print a ticket's data if it is ready",
    load: () => import('../commands/ticket-check.js'),
  },
  'ticket-wait': {
    summary: 'wait until a ticket is ready, then print its data',
    load: () => import('../commands/ticket-wait.js'),
  },
  'ticket-close': { summary: 'give back what a ticket has', load: () => import('../commands/ticket-close.js') },
  'ticket-list': { summary: 'list tickets that are not closed', load: () => import('../commands/ticket-list.js') },
  'resource-list': { summary: 'list what pools have made', load: () => import('../commands/resource-list.js') },
  'resource-info': { summary: 'print all about a resource', load: () => import('../commands/resource-info.js') },
  'resource-delete': {
    summary: 'have resources deleted (operators)',
    load: () => import('../commands/resource-delete.js'),
  },
  'resource-logs': {
    summary: 'print and follow what the commands of resources write (operators)',
    load: () => import('../commands/resource-logs.js'),
  },
  'foreach-resource': {
    summary: 'run a shell command for each resource',
    load: () => import('../commands/foreach-resource.js'),
  },
  pool: {
    summary: 'list, change, pause and drain pools; what they could not delete',
    load: () => import('../commands/pool.js'),
  },
  book: {
    summary: 'book capacity or benches for a time; find when there is room',
    load: () => import('../commands/book.js'),
  },
  capacity: { summary: 'how much is left, by hour, day, week …', load: () => import('../commands/capacity.js') },
  cluster: {
    summary: 'list, make and resize clusters: timelines of capacity',
    load: () => import('../commands/cluster.js'),
  },
  grant: {
    summary: 'list, make and change what is granted to clusters (operators)',
    load: () => import('../commands/grant.js'),
  },
  template: { summary: 'list, make and hide named amounts', load: () => import('../commands/template.js') },
  demand: { summary: 'what waiting requests lack that pools could make', load: () => import('../commands/demand.js') },
  whoami: { summary: 'who you are to the server, and how it knows', load: () => import('../commands/whoami.js') },
  doctor: { summary: 'check the connection and say what to do', load: () => import('../commands/doctor.js') },
  completion: { summary: 'print a completion script for a shell', load: () => import('../commands/completion.js') },
};
