// Tests stand beside the code and run from source: tsx compiles, and the export condition resolves @berth/* to src.
export default {
  files: [
    'packages/**/*.test.ts',
    'services/**/*.test.ts',
    'clients/**/*.test.ts',
    'tests/**/*.test.ts',
    '!**/dist/**',
  ],
  extensions: { ts: 'module' },
  nodeArguments: ['--import=tsx', '--conditions=@berth/source'],
  require: ['./tools/end-of-tests.mjs'],
  workerThreads: false,
  timeout: '3m',
};
