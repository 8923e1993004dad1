import { outputText, runCommand, USUAL_VARIABLES } from '@berth/commands';
import type { CommandRunner } from '../ports/command-runner.js';

/** The most that is kept of each output. */
const OUTPUT_BYTES = 8192;
/** The most that is told of both: their end. */
const TAIL_CHARS = 1000;

/** Runs commands as processes that get the usual variables of this process, and those that `more` names. */
export function collectionCommands(more: readonly string[]): CommandRunner {
  const pass = [...USUAL_VARIABLES, ...more];
  return {
    run: async (command, variables, timeoutMs, signal) => {
      const options = { command, variables, pass, timeoutMs, signal, outputBytes: OUTPUT_BYTES };
      const { fault, stdout, stderr } = await runCommand(options);
      const written = `${outputText(stdout)}${outputText(stderr)}`.slice(-TAIL_CHARS).trim();
      return { ok: fault === undefined, message: [fault, written].filter(Boolean).join(': ') };
    },
  };
}
