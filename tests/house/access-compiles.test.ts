import { join } from 'node:path';
import test from 'ava';
import ts from 'typescript';

const ROOT = join(import.meta.dirname, '../..');

/** Tables of access of the service of WhoAmI, and what the compiler must say of each; undefined = nothing. */
const CASES: readonly (readonly [table: string, fault: RegExp | undefined])[] = [
  [`{ whoAmI: 'viewer' }`, undefined],
  ['{}', /Property 'whoAmI' is missing in type '\{\}'/],
  [`{ whoAmI: 'everybody' }`, /Type '"everybody"' is not assignable to type 'Access'/],
  [`{ whoAmI: 'viewer', other: 'viewer' }`, /'other' does not exist in type/],
];

function textOf(table: string): string {
  return `
    import { IdentityServiceDefinition } from '@berth/proto/berth/identity/v1/identity_service';
    import { servedService } from '@berth/server';
    export const service = servedService(
      IdentityServiceDefinition,
      { whoAmI: () => Promise.resolve({ name: '', role: '', team: '', via: '', by: '', benches: [] }) },
      ${table},
    );`;
}

/** What the compiler says of each text, as a file that is not on disk. */
function faultsOf(texts: readonly string[]): readonly (readonly string[])[] {
  const files = new Map(texts.map((text, i) => [join(ROOT, `tests/house/planted-access-${String(i)}.ts`), text]));
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), (path) => ts.sys.readFile(path)) as {
    config: object;
  };
  const parsed = ts.parseJsonConfigFileContent({ ...config, files: [], include: [] }, ts.sys, ROOT);
  const options = { ...parsed.options, noEmit: true };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (path) => files.has(path) || fileExists.call(host, path);
  host.getSourceFile = (path, version, ...more) => {
    const text = files.get(path);
    return text === undefined
      ? getSourceFile.call(host, path, version, ...more)
      : ts.createSourceFile(path, text, version);
  };
  const program = ts.createProgram([...files.keys()], options, host);
  return [...files.keys()].map((path) =>
    program
      .getSemanticDiagnostics(program.getSourceFile(path))
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n')),
  );
}

test('a method compiles with a role, and neither without one nor with one that does not exist', (t) => {
  t.timeout(120_000);
  const found = faultsOf(CASES.map(([table]) => textOf(table)));
  for (const [i, [table, fault]] of CASES.entries()) {
    if (fault === undefined) t.deepEqual(found[i], [], table);
    else t.regex(found[i]?.[0] ?? '', fault, table);
  }
});
