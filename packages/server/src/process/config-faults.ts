import type { Reason } from '@berth/kernel';
import { BerthError, didYouMean } from '@berth/kernel';
import type { z } from 'zod';
import type { FileFault } from '../yaml/yaml-file.js';
import type { YamlPath } from '../yaml/yaml-reader.js';
import { descriptionOf, keysOf, schemaAt } from './config-schema.js';

/** What a schema finds wrong with a value, each fault with where `locate` says that it stands. */
export function schemaFaults(
  schema: z.core.$ZodType,
  { issues }: z.core.$ZodError,
  locate: (path: YamlPath) => string,
): FileFault[] {
  return issues.flatMap((issue) => {
    const path = issue.path.filter((key) => typeof key !== 'symbol');
    const found = schemaAt(schema, path);
    const fault = (at: YamlPath, message: string): FileFault => ({ where: locate(at), path: at.join('.'), message });
    if (issue.code === 'unrecognized_keys') {
      const allowed = keysOf(found);
      return issue.keys.map((key) =>
        fault(
          [...path, key],
          `there is no such setting${didYouMean(key, allowed)} Allowed here: ${allowed.join(', ')}`,
        ),
      );
    }
    const description = descriptionOf(found);
    return [fault(path, description === undefined ? issue.message : `${issue.message} (${description})`)];
  });
}

/** An error that names every fault; `what` is what has them, `effect` what comes of that. */
export function invalidConfig(
  faults: readonly FileFault[],
  what = 'the configuration',
  effect = 'nothing was started',
  reason: Reason = 'INVALID_CONFIG',
): BerthError {
  const lines = faults.map(({ where, path, message }) => `  ${where}: ${path === '' ? '' : `${path}: `}${message}`);
  const count = faults.length === 1 ? 'a fault' : `${String(faults.length)} faults`;
  const fields = faults.map(({ where, path, message }) => ({ field: path, description: `${where}: ${message}` }));
  return new BerthError(reason, `${what} has ${count}; ${effect}:\n${lines.join('\n')}`, { fields });
}
