// Makes proto/gen from the .proto files: TypeScript by ts-proto, and the descriptor set for reflection. Does nothing
// when nothing that it is made from has changed; `--force` makes it anew.
// Third-party protos are copied out of npm packages: into proto/third_party, which is not committed.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const third = join(root, 'proto/third_party');
const gen = join(root, 'proto/gen');
const stampFile = join(gen, '.stamp');

/** Where it is imported from, and which dev dependency has it. */
const THIRD_PARTY = {
  'google/api/annotations.proto': 'google-proto-files/google/api/annotations.proto',
  'google/api/http.proto': 'google-proto-files/google/api/http.proto',
  'google/rpc/error_details.proto': 'google-proto-files/google/rpc/error_details.proto',
  'google/rpc/status.proto': 'google-proto-files/google/rpc/status.proto',
  'grpc/health/v1/health.proto': 'grpc-health-check/proto/health/v1/health.proto',
  'grpc/reflection/v1/reflection.proto': '@grpc/reflection/build/proto/grpc/reflection/v1/reflection.proto',
};

function inputs() {
  const protos = readdirSync(join(root, 'proto/berth'), { recursive: true })
    .filter((name) => name.endsWith('.proto'))
    .sort()
    .map((name) => join('proto/berth', name));
  const packages = ['ts-proto', '@bufbuild/buf', 'google-proto-files', 'grpc-health-check', '@grpc/reflection'].map(
    (name) => `node_modules/${name}/package.json`,
  );
  return [...protos, ...packages, 'buf.yaml', 'buf.gen.yaml', 'tools/generate.mjs'];
}

function fingerprint() {
  const hash = createHash('sha256');
  for (const name of inputs())
    hash
      .update(`${name}\0`)
      .update(readFileSync(join(root, name)))
      .update('\0');
  return hash.digest('hex');
}

function copyThirdParty() {
  for (const [name, source] of Object.entries(THIRD_PARTY)) {
    const to = join(third, name);
    const text = readFileSync(join(root, 'node_modules', source));
    mkdirSync(dirname(to), { recursive: true });
    if (!existsSync(to) || !readFileSync(to).equals(text)) writeFileSync(to, text);
  }
}

function upToDate(stamp) {
  return (
    Object.keys(THIRD_PARTY).every((name) => existsSync(join(third, name))) &&
    existsSync(join(gen, 'descriptor.binpb')) &&
    existsSync(stampFile) &&
    readFileSync(stampFile, 'utf8') === stamp
  );
}

function generate(stamp) {
  copyThirdParty();
  mkdirSync(join(root, '.cache'), { recursive: true });
  // Made aside and moved in, so that whoever reads proto/gen meanwhile sees the old or the new one, never a half.
  const aside = mkdtempSync(join(root, '.cache/generate-'));
  try {
    const buf = (...args) => execFileSync(join(root, 'node_modules/.bin/buf'), args, { cwd: root, stdio: 'inherit' });
    buf('generate', '-o', aside);
    buf('build', '-o', join(aside, 'proto/gen/descriptor.binpb'));
    writeFileSync(join(aside, 'proto/gen/.stamp'), stamp);
    if (existsSync(gen)) renameSync(gen, join(aside, 'old'));
    renameSync(join(aside, 'proto/gen'), gen);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

const stamp = fingerprint();
if (process.argv.includes('--force') || !upToDate(stamp)) {
  generate(stamp);
  console.log('proto/gen: generated');
}
