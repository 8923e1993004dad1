import { join } from 'node:path';
import test from 'ava';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';

const DOMAIN = 'services/lease/src/domain/planted.ts';
const APP = 'services/lease/src/app/planted.ts';
const TEST = 'services/lease/src/app/planted.test.ts';

/** A file, its text, and the rule that must object; null = allowed. */
const CASES: readonly (readonly [file: string, text: string, rule: string | null])[] = [
  [DOMAIN, 'export const x = Date.now();', 'no-restricted-properties'],
  [DOMAIN, 'export const x = Math.random();', 'no-restricted-properties'],
  [DOMAIN, 'export const x = performance.now();', 'no-restricted-globals'],
  [DOMAIN, 'setTimeout(() => undefined, 1);', 'no-restricted-globals'],
  [DOMAIN, 'setInterval(() => undefined, 1);', 'no-restricted-globals'],
  [DOMAIN, 'export const x = new Date();', 'no-restricted-syntax'],
  [DOMAIN, "import 'node:timers';", 'no-restricted-imports'],
  [DOMAIN, 'export const x = new Date(5);', null],
  [APP, 'export const x = Date.now();', null],
  [APP, 'export const x = (y: number) => y;', 'no-restricted-syntax'],
  [APP, 'export const x: (y: number) => number = (y) => y;', null],
  [APP, 'export default 1;', 'no-restricted-syntax'],
  [APP, '// fixme: later', 'no-warning-comments'],
  [APP, '// eslint-disable-next-line eqeqeq\nexport const x = 1 == 1;', 'berth/described-disables'],
  [APP, '\n'.repeat(401), 'max-lines'],
  [TEST, 'setTimeout(() => undefined, 1);', 'no-restricted-syntax'],
  [TEST, 'await new Promise((resolve) => setTimeout(resolve, 1));', 'no-restricted-syntax'],
  [TEST, "import 'node:timers/promises';", 'no-restricted-imports'],
];

test('each lint rule of the house objects to a planted violation', async (t) => {
  // The planted files are not on disk, so the rules that need types are left out.
  const eslint = new ESLint({
    cwd: join(import.meta.dirname, '../..'),
    overrideConfig: [tseslint.configs.disableTypeChecked],
  });
  for (const [filePath, text, rule] of CASES) {
    const [result] = await eslint.lintText(text, { filePath });
    const found = result?.messages.map(({ ruleId, message }) => ruleId ?? message) ?? [];
    if (rule === null) t.deepEqual(found, [], text);
    else t.true(found.includes(rule), `${text}: ${rule} expected, found ${found.join(', ')}`);
  }
});
