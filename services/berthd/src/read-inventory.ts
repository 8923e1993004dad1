import { readFile } from 'node:fs/promises';
import { BerthError } from '@berth/kernel';
import { whyUnreadable } from '@berth/server';

/** The text of an inventory file. Throws INVALID_CONFIG when it cannot be read. */
export async function readInventory(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const why = whyUnreadable(cause);
    throw new BerthError(
      'INVALID_CONFIG',
      `inventory ${file}: ${why}; name the file of benches with --inventory, or leave it out and add benches later`,
      { fields: [{ field: 'inventory', description: why }] },
      { cause },
    );
  }
}
