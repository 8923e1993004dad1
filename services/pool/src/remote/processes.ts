import { killStored, runCommand } from '@berth/commands';
import { readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import type { CommandRunner } from '../ports/command-runner.js';

/** Runs commands as processes of this machine. */
export function processes(): CommandRunner {
  return {
    host: thisHost(),
    run: (command) => runCommand(command),
    kill: async (leader) => {
      await killStored(leader);
    },
  };
}

/** This machine; of containers on one machine each is one, since a process has another number in each. */
function thisHost(): string {
  try {
    return `${hostname()} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return hostname();
  }
}
