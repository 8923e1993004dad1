import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { findProgram } from '@berth/testkit';

const require = createRequire(import.meta.url);

/** The size of a screen, in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Things on a page that were looked up. */
export interface Found {
  allTextContents(): Promise<string[]>;
  textContent(): Promise<string | null>;
  count(): Promise<number>;
  getByText(text: string): Found;
  getByRole(role: string, options?: object): Found;
}

/** What tests use of a page of playwright-core, whose own types need those of a browser. */
export interface Page {
  goto(url: string): Promise<unknown>;
  title(): Promise<string>;
  content(): Promise<string>;
  /** What a script gives that runs in the page, whatever the page's own policy says. */
  evaluate(script: string): Promise<unknown>;
  screenshot(options: { readonly path: string; readonly fullPage: boolean }): Promise<unknown>;
  getByRole(role: string, options?: object): Found;
  locator(selector: string): Found;
  on(event: 'console', told: (message: { text(): string }) => void): void;
  on(event: 'pageerror', told: (error: Error) => void): void;
  close(): Promise<void>;
}

/** A browser that runs. */
export interface Browser {
  newPage(options: { readonly viewport: Size; readonly colorScheme: 'light' | 'dark' }): Promise<Page>;
  close(): Promise<void>;
}

interface Playwright {
  readonly chromium: {
    launch(options: { readonly executablePath: string; readonly args: readonly string[] }): Promise<Browser>;
  };
}

/** Starts chromium; it is closed by `close`. */
export function startBrowser(): Promise<Browser> {
  const { chromium } = require('playwright-core') as Playwright;
  return chromium.launch({ executablePath: findProgram('chromium') ?? '', args: ['--no-sandbox'] });
}

interface AxeResults {
  readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[];
}

/** What axe-core finds wrong with a page: each rule, and the elements that break it. */
export async function accessFaults(
  page: Page,
): Promise<readonly (readonly [rule: string, elements: readonly string[]])[]> {
  await page.evaluate(readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8'));
  const { violations } = (await page.evaluate('axe.run()')) as AxeResults;
  return violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]);
}
