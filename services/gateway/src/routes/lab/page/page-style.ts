import { createHash } from 'node:crypto';

/** The look of the page: dark or light as the system is, tables as cards where a screen is narrow. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --text: #1c2330; --dim: #55606f; --back: #f6f7f9; --card: #fff; --line: #d5dae1;
  --free: #1a7f45; --held: #9a5b00; --out: #b3261e; --link: #0b57d0; }
@media (prefers-color-scheme: dark) { :root { --text: #e6e9ee; --dim: #a5afbd; --back: #14181f; --card: #1c222b;
  --line: #343d4a; --free: #5fd08d; --held: #f0b45a; --out: #ff8a80; --link: #8ab4f8; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 1rem clamp(1rem, 4vw, 3rem) 3rem; background: var(--back); color: var(--text);
  font: 1rem/1.5 system-ui, sans-serif; }
header { display: flex; flex-wrap: wrap; gap: 0 1rem; align-items: baseline; }
h1 { margin: 0; font-size: 1.5rem; }
h2 { margin: 2rem 0 0; font-size: 1.15rem; }
p { margin: .15rem 0 .6rem; color: var(--dim); overflow-wrap: anywhere; }
a { color: var(--link); }
table { border-collapse: collapse; background: var(--card); border: 1px solid var(--line); width: 100%; }
th, td { padding: .4rem .75rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
th { white-space: nowrap; font-weight: 600; }
thead th { color: var(--dim); font-size: .8rem; }
tbody th { border-left: .3rem solid var(--line); }
[data-long] { white-space: normal; overflow-wrap: anywhere; }
tr[data-tone=free] th { border-left-color: var(--free); }
tr[data-tone=held] th { border-left-color: var(--held); }
tr[data-tone=out] th { border-left-color: var(--out); }
@media (max-width: 64rem) {
  table { display: block; background: none; border: 0; }
  tbody { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(20rem, 100%), 1fr)); gap: .75rem; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tbody tr { display: block; background: var(--card); border: 1px solid var(--line); }
  tbody th, tbody td { display: block; border-bottom: 0; padding: .2rem .75rem; }
  tbody th { padding-top: .5rem; font-size: 1.05rem; }
  tbody td { overflow-wrap: anywhere; display: grid; grid-template-columns: 7rem 1fr; }
  tbody td:last-child { padding-bottom: .5rem; }
  tbody td::before { content: attr(data-title); color: var(--dim); }
  tbody td:empty { display: none; }
}
`;

const STYLE_HASH = createHash('sha256').update(PAGE_STYLE).digest('base64');

/** What the page may load: its own style. Nothing of what others wrote into a lab can run, load or be sent. */
export const PAGE_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${STYLE_HASH}'`,
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');
