import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** A user of this machine. */
export interface Account {
  readonly uid: number;
  /** Its primary group; a process of this account is in no other one. */
  readonly gid: number;
  readonly variables: Readonly<Record<'HOME' | 'LOGNAME' | 'SHELL' | 'USER', string>>;
}

/** The account as which a command is to run. Throws when there is no such user, and when this process is not root. */
export async function accountOf(user: string): Promise<Account> {
  if (process.geteuid?.() !== 0) {
    throw new Error(`only root can run a command as user '${user}': start berthd as root, or leave out the user`);
  }
  const fields = (await passwdLine(user)).trim().split(':');
  const [uid, gid] = [Number(fields[2]), Number(fields[3])];
  // macOS has three more fields before the name.
  const [HOME = '', SHELL = ''] = fields.slice(-2);
  return { uid, gid, variables: { HOME, LOGNAME: user, SHELL, USER: user } };
}

async function passwdLine(user: string): Promise<string> {
  const [program, option] = process.platform === 'darwin' ? ['id', '-P'] : ['getent', 'passwd'];
  try {
    // A number would be taken for an id, and what begins with '-' for an option.
    if (!/^[A-Za-z_]/.test(user)) throw new Error('not a name');
    return (await promisify(execFile)(program, [option, user])).stdout;
  } catch (cause) {
    throw new Error(`there is no user '${user}' on this machine`, { cause });
  }
}
