import { BerthError } from '@berth/kernel';
import { berthdCommand } from './cli.js';

const CONFIG_FAULT = 78;
const FAULTY_INPUT: readonly string[] = ['INVALID_CONFIG', 'INVALID_INVENTORY'];

/** Tells what went wrong and ends the process: 78 for a faulty configuration, 1 for anything else. */
function fail(error: unknown): never {
  if (!(error instanceof BerthError)) {
    console.error('berthd:', error);
    process.exit(1);
  }
  console.error(`berthd: ${error.message}`);
  process.exit(FAULTY_INPUT.includes(error.reason) ? CONFIG_FAULT : 1);
}

await berthdCommand().parseAsync().catch(fail);
