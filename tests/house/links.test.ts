import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import test from 'ava';

const ROOT = join(import.meta.dirname, '../..');

function pages(): string[] {
  const docs = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' }).map((name) => join('docs', name));
  return [...readdirSync(ROOT), ...docs].filter((name) => name.endsWith('.md'));
}

/** The anchor that a heading gets: lower case, words joined by hyphens, other signs dropped. */
function anchors(page: string): Set<string> {
  const headings = readFileSync(page, 'utf8').match(/^#+ .*$/gm) ?? [];
  return new Set(
    headings.map((heading) =>
      heading
        .replace(/^#+ /, '')
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

test('every link of a page leads to a file, and to a heading in it', (t) => {
  const checked: string[] = [];
  for (const page of pages()) {
    const text = readFileSync(join(ROOT, page), 'utf8').replace(/```.*?```/gs, '');
    for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      const [path = '', anchor] = target.split('#');
      const file = path === '' ? join(ROOT, page) : join(ROOT, dirname(page), path);
      checked.push(`${page}: ${target}`);
      t.true(existsSync(file), `${page} links to ${relative(ROOT, file)}, which is not there`);
      if (anchor === undefined || !existsSync(file) || statSync(file).isDirectory()) continue;
      t.true(anchors(file).has(anchor), `${page} links to ${target}; there is no such heading`);
    }
  }
  t.true(checked.includes('README.md: docs/inventory.md'));
});
