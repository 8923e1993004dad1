import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Berth } from '@berth/client';
import { ConditionState, connect } from '@berth/client';
import type { Berthd } from '@berth/testkit';
import { requireServer, startBerthd, until } from '@berth/testkit';
import test from 'ava';
import type { Browser, Page } from './browser.fixture.js';
import { accessFaults, startBrowser } from './browser.fixture.js';

const INVENTORY = `
pool:
  resources:
    desk-1: { attributes: [arm64, { name: usb, weight: 5 }], location: office1 }
    desk-2: { attributes: [arm64], location: office1 }
    ${'long-name/'.repeat(12)}x: { attributes: [${Array.from({ length: 12 }, (_, i) => `attribute-${String(i)}`).join(', ')}] }
    rack-1: { attributes: [x86_64], location: lab, properties: { key: secret-of-rack } }
`;
const EVIL = '<img src=x onerror="document.title=1"><script>document.title=2</script>';
const SIZES = {
  desk: { width: 1280, height: 900 },
  phone: { width: 390, height: 844 },
  tablet: { width: 820, height: 1180 },
} as const;

if (requireServer(test, 'chromium')) {
  let berthd: Berthd;
  let berth: Berth;
  let browser: Browser | undefined;
  test.before(async () => {
    berthd = await startBerthd({ inventory: INVENTORY, settings: { http: { listen: '127.0.0.1:0' } } });
    berth = connect({ address: berthd.address, user: 'ann', role: 'operator' });
    await berth.acquire({ bench: 'desk-1', description: EVIL });
    void berth.acquire({ bench: 'desk-1', description: 'nightly' }).catch(() => undefined);
    await berth.inventory.setCondition({
      name: 'desk-2',
      condition: { state: ConditionState.MAINTENANCE, reason: 'waits for a new relay' },
    });
    await until(async () => (await berth.lease.listQueue({})).waiting === 1, { what: 'somebody to wait' });
    browser = await startBrowser();
  });
  test.after.always(async () => {
    await browser?.close();
    berth.close();
    await berthd.stop();
  });

  /** The page in a browser, and what the browser complained about. */
  async function open(size: keyof typeof SIZES, colorScheme: 'light' | 'dark'): Promise<[Page, string[]]> {
    const page = await browser!.newPage({ viewport: SIZES[size], colorScheme });
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(`${berthd.http ?? ''}/`);
    // To be looked at by people, where somebody asks for it.
    const folder = process.env['SCREENSHOTS'];
    if (folder !== undefined) {
      mkdirSync(folder, { recursive: true });
      await page.screenshot({ path: join(folder, `lab-${size}-${colorScheme}.png`), fullPage: true });
    }
    return [page, complaints];
  }

  for (const size of ['desk', 'tablet', 'phone'] as const) {
    for (const scheme of ['light', 'dark'] as const) {
      test(`the page is accessible and fits (${size}, ${scheme})`, async (t) => {
        const [page, complaints] = await open(size, scheme);
        t.deepEqual(await accessFaults(page), []);
        const over = Number(await page.evaluate('document.documentElement.scrollWidth - window.innerWidth'));
        t.true(over <= 0, `the page is ${String(over)} px wider than the screen`);
        t.deepEqual(complaints, []);
        await page.close();
      });
    }
  }

  test('it tells benches, holders, queue, pools and leaks, and what others wrote is text', async (t) => {
    const [page] = await open('desk', 'light');
    t.is(await page.title(), 'default · Berth');
    t.deepEqual(await page.getByRole('heading', { level: 2 }).allTextContents(), [
      'Benches',
      'Queue',
      'Pools',
      'Leaks',
    ]);
    const row = page.getByRole('table', { name: 'Benches' }).getByRole('row', { name: /^desk-1/ });
    t.regex((await row.textContent()) ?? '', /held.*ann/);
    t.is(await row.getByText(EVIL).count(), 1);
    t.is(await page.locator('script, img').count(), 0);
    t.regex((await page.getByRole('table', { name: 'Queue' }).textContent()) ?? '', /all are held.*nightly/);
    t.false((await page.content()).includes('secret-of-rack'));
    await page.close();
  });

  test('nothing runs in it, and light and dark differ', async (t) => {
    const [page, complaints] = await open('desk', 'light');
    await page.evaluate(`document.body.insertAdjacentHTML('beforeend', '<img src=x onerror="window.ran = 1">')`);
    await until(() => complaints.length > 0, { what: 'the policy to refuse it' });
    t.is(await page.evaluate('window.ran'), undefined);
    const [dark] = await open('desk', 'dark');
    const back = 'getComputedStyle(document.body).backgroundColor';
    t.not(await page.evaluate(back), await dark.evaluate(back));
    await Promise.all([page.close(), dark.close()]);
  });
}
