import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';

/** Throws when there is no such program: a gate could only tell by an exit code that the program itself may have. */
export async function requireProgram(name: string, path: string): Promise<void> {
  const files = name.includes('/') ? [name] : path.split(':').map((folder) => join(folder, name));
  const tries = await Promise.allSettled(files.map((file) => access(file, constants.X_OK)));
  if (tries.some(({ status }) => status === 'fulfilled')) return;
  const [refused] = tries;
  if (name.includes('/') && refused?.status === 'rejected') throw refused.reason;
  throw new Error(`ENOENT: there is no '${name}' in ${path}`);
}
