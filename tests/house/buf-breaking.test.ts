import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import test from 'ava';

const ROOT = join(import.meta.dirname, '../..');

function thing(fields: string): string {
  return `syntax = "proto3";\n\n// For the test.\npackage berth.thing.v1;\n\n// A thing.\nmessage Thing {\n${fields}}\n`;
}

const BOTH = thing('  // Its name.\n  string name = 1;\n  // Its size.\n  int32 size = 2;\n');
const ONE_MORE = BOTH.replace('}', '  // Its colour.\n  string colour = 3;\n}');
const ONE_LESS = thing('  // Its name.\n  string name = 1;\n');

/** A git checkout of its own, on main, with our buf settings and no proto yet. */
class Checkout {
  readonly dir = mkdtempSync(join(tmpdir(), 'berth-breaking-'));

  constructor(t: ExecutionContext) {
    t.teardown(() => rmSync(this.dir, { recursive: true }));
    cpSync(join(ROOT, 'buf.yaml'), join(this.dir, 'buf.yaml'));
    cpSync(join(ROOT, 'proto/third_party'), join(this.dir, 'proto/third_party'), { recursive: true });
    mkdirSync(join(this.dir, 'proto/berth/thing/v1'), { recursive: true });
    this.git('init', '--quiet', '--initial-branch=main');
    this.git('commit', '--quiet', '--allow-empty', '--message=empty');
  }

  git(...args: readonly string[]): void {
    const who = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', '-c', 'commit.gpgsign=false'];
    const { status, stderr } = spawnSync('git', [...who, ...args], { cwd: this.dir, encoding: 'utf8' });
    if (status !== 0) throw new Error(`git ${args.join(' ')}: ${stderr}`);
  }

  write(text: string): void {
    writeFileSync(join(this.dir, 'proto/berth/thing/v1/thing.proto'), text);
  }

  commit(text: string): void {
    this.write(text);
    this.git('add', 'proto/berth');
    this.git('commit', '--quiet', '--message=change');
  }

  check(): { readonly code: number | null; readonly output: string } {
    const script = join(ROOT, 'tools/buf-breaking.mjs');
    const env = { ...process.env, BERTH_PROTO_BASE: '' };
    const { status, stdout, stderr } = spawnSync(process.execPath, [script, '--root', this.dir], {
      encoding: 'utf8',
      env,
    });
    return { code: status, output: stdout + stderr };
  }
}

test('the first proto has nothing to be compared with', (t) => {
  const checkout = new Checkout(t);
  checkout.commit(BOTH);
  const { code, output } = checkout.check();
  t.is(code, 0, output);
  t.regex(output, /^skipped: /);
});

test('an uncommitted change is compared with main: a new field passes, a removed one fails', (t) => {
  const checkout = new Checkout(t);
  checkout.commit(BOTH);
  checkout.write(ONE_MORE);
  const more = checkout.check();
  t.is(more.code, 0, more.output);
  t.regex(more.output, /^against /);
  checkout.write(ONE_LESS);
  const less = checkout.check();
  t.not(less.code, 0);
  t.regex(less.output, /Previously present field "2" with name "size" on message "Thing" was deleted/);
});

test('a branch is compared with main, not with its own commits', (t) => {
  const checkout = new Checkout(t);
  checkout.commit(BOTH);
  checkout.git('checkout', '--quiet', '-b', 'topic');
  checkout.commit(ONE_LESS);
  checkout.commit(ONE_LESS.replace('Its name', 'The name'));
  t.not(checkout.check().code, 0);
});

test('on main itself the last change of a proto is compared with what was there before it', (t) => {
  const checkout = new Checkout(t);
  checkout.commit(BOTH);
  checkout.commit(ONE_LESS);
  checkout.git('commit', '--quiet', '--allow-empty', '--message=something else');
  t.not(checkout.check().code, 0);
  checkout.commit(ONE_LESS.replace('}', '  // Its colour.\n  string colour = 3;\n}'));
  t.is(checkout.check().code, 0);
});
