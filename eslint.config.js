import { builtinModules } from 'node:module';
import eslint from '@eslint/js';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';
import { describedDisables } from './tools/eslint/described-disables.js';

const TESTS = ['**/*.test.ts', 'tests/**/*.ts'];
const DOMAIN = ['services/*/src/domain/**/*.ts', 'services/*/simulation/**/*.ts'];

// A constant that is typed (`const handler: Handler = …`) says more than a function could, so it may stay.
const TOP_LEVEL_ARROW =
  ':matches(Program, ExportNamedDeclaration) > VariableDeclaration > VariableDeclarator:not([id.typeAnnotation]) > ArrowFunctionExpression';
const arrows = {
  selector: TOP_LEVEL_ARROW,
  message: 'Write a function at the top level, not an arrow constant (STYLE.md).',
};
const defaultExport = { selector: 'ExportDefaultDeclaration', message: 'Exports are named (STYLE.md).' };
const emptyDate = {
  selector: ":matches(NewExpression[callee.name='Date'][arguments.length=0], CallExpression[callee.name='Date'])",
  message: 'The domain is pure: take `now` as an argument.',
};
const sleep = {
  selector:
    ":matches(CallExpression[callee.name='setTimeout'], CallExpression[callee.property.name='setTimeout'], CallExpression[callee.object.name='Atomics'][callee.property.name='wait'])",
  message: 'Tests do not sleep: use a fake clock, or wait for a condition.',
};

const clockless = ['setTimeout', 'setInterval', 'setImmediate', 'performance', 'process', 'fetch'];

export default defineConfig(
  {
    ignores: [
      'proto/gen/**',
      'proto/third_party/**',
      '**/dist/**',
      '.cache/**',
      '**/.emit-*/**',
      'data/**',
      'coverage/**',
      'bench/results/**',
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  eslint.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // Index signatures are read with brackets on purpose (tsconfig: noPropertyAccessFromIndexSignature).
      '@typescript-eslint/dot-notation': ['error', { allowIndexSignaturePropertyAccess: true }],
      'no-restricted-syntax': ['error', arrows, defaultExport],
    },
  },
  {
    files: ['**/*.{js,mjs}'],
    languageOptions: {
      globals: Object.fromEntries(
        [
          'process',
          'performance',
          'console',
          'URL',
          'setTimeout',
          'setInterval',
          'clearInterval',
          'clearTimeout',
          'Buffer',
          'AbortController',
          'AbortSignal',
          'fetch',
        ].map((name) => [name, 'readonly']),
      ),
    },
  },
  {
    plugins: { berth: { rules: { 'described-disables': describedDisables } } },
    rules: {
      'berth/described-disables': 'error',
      'max-lines': ['error', { max: 400 }],
      'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx'] }],
      eqeqeq: 'error',
    },
  },
  {
    files: TESTS,
    rules: {
      'no-restricted-syntax': ['error', arrows, defaultExport, sleep],
      'no-restricted-imports': [
        'error',
        {
          paths: ['timers/promises', 'node:timers/promises', 'timers', 'node:timers'].map((name) => ({
            name,
            message: sleep.message,
          })),
        },
      ],
      // ava's `t.throwsAsync` and friends give values that a test may leave.
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  {
    files: DOMAIN,
    ignores: [...TESTS, '**/*.fixture.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        ...clockless.map((name) => ({ name, message: 'The domain is pure: no clock, no timer, no process.' })),
      ],
      'no-restricted-properties': [
        'error',
        ...[
          ['Date', 'now'],
          ['Math', 'random'],
          ['performance', 'now'],
          ['crypto', 'randomUUID'],
          ['crypto', 'getRandomValues'],
        ].map(([object, property]) => ({
          object,
          property,
          message: 'The domain is pure: take time and chance as arguments.',
        })),
      ],
      'no-restricted-syntax': ['error', arrows, defaultExport, emptyDate],
      'no-restricted-imports': ['error', { paths: builtinModules.flatMap((name) => [name, `node:${name}`]) }],
    },
  },
);
