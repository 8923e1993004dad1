import { writeLine } from '@berth/views';

/** Writes what a resource's `cmd_new` printed to stdout, as it is; a terminal gets it as text for people. */
export function writeData(data: Buffer): void {
  if (data.length === 0) return;
  if (process.stdout.isTTY) writeLine(process.stdout, data.toString().replace(/\n$/, ''));
  else process.stdout.write(data);
}
