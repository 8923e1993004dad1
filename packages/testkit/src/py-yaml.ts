import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Skipping } from './require-server.js';
import { leaveOut } from './require-server.js';

const SCRIPT = `
import json, sys, yaml
def load(text):
    try:
        return yaml.safe_load(text)
    except Exception as error:
        return {"refused": str(error)}
print(json.dumps([load(text) for text in json.load(sys.stdin)], default=repr))
`;

/** Where tools/test-servers puts it. */
const OWN = fileURLToPath(new URL('../../../.cache/python', import.meta.url));
const env = { ...process.env, PYTHONPATH: OWN, PYTHONIOENCODING: 'utf-8' };

function python(script: string, input = ''): string {
  const { status, stdout, stderr, error } = spawnSync('python3', ['-c', script], {
    env,
    input,
    encoding: 'utf8',
    maxBuffer: 64 << 20,
  });
  if (status !== 0) throw error ?? new Error(stderr);
  return stdout;
}

/**
 * A reader of YAML texts that is PyYAML's `safe_load`; a text that it refuses is `{ refused }`. When this machine has none, registers a skipped test that says so and
 * returns undefined; with CI=true throws, so that nothing is passed over silently there.
 */
export function requirePyYaml(test: Skipping): ((texts: readonly string[]) => unknown[]) | undefined {
  try {
    python('import yaml');
  } catch (cause) {
    leaveOut(test, 'PyYAML', cause);
    return undefined;
  }
  return (texts) => JSON.parse(python(SCRIPT, JSON.stringify(texts))) as unknown[];
}
