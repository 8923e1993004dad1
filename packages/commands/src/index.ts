export { USUAL_VARIABLES } from './command-environment.js';
export type { CommandOptions, CommandResult } from './run-command.js';
export { runCommand } from './run-command.js';
export type { Output } from './capped-output.js';
export { outputText } from './capped-output.js';
export type { StoredProcess } from './stored-process.js';
export { killStored } from './stored-process.js';
