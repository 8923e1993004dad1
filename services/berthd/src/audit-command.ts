import { Command } from 'commander';
import type { AuditVerdict } from '@berth/server';
import { verifyAudit, whyUnreadable } from '@berth/server';
import { BerthError } from '@berth/kernel';

/** `berthd audit`: looks at audit files. */
export function auditCommand(): Command {
  const command = new Command('audit').description('looks at the files of audit.dir');
  command
    .command('verify <file...>')
    .description('tells the first line that is not as it was written, and fails with exit code 1 if there is one')
    .action((files: string[]) => {
      for (const file of files) {
        const verdict = verdictOf(file);
        process.stdout.write(textOf(file, verdict));
        if (verdict.broken !== undefined) process.exitCode = 1;
      }
    });
  return command;
}

function verdictOf(file: string): AuditVerdict {
  try {
    return verifyAudit(file);
  } catch (cause) {
    throw new BerthError('INVALID_CONFIG', `audit file ${file}: ${whyUnreadable(cause)}`, {}, { cause });
  }
}

function textOf(file: string, { lines, broken, notes }: AuditVerdict): string {
  const head =
    broken === undefined
      ? `${file}: ${String(lines)} lines, all as they were written`
      : `${file}: line ${String(broken.line)} ${broken.what}`;
  return [head, ...notes.map((note) => `  ${note}`), ''].join('\n');
}
