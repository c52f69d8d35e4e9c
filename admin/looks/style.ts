/** The looks of all pages, served by ourselves: nothing on them comes from anywhere else. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --bg: #f5f7f8; --card: #ffffff; --text: #17212b; --muted: #5a6876; --line: #dde3e8; --soft: #eef2f4;
  --brand: #0b7268; --brand-ink: #ffffff; --brand-soft: #e1f3f0; --link: #0b6b8f;
  --good: #13713a; --good-soft: #e2f4e8; --bad: #b3261e; --bad-soft: #fbe9e7; --busy: #855300; --busy-soft: #fdf1da; --idle: #56636f; --idle-soft: #e9edf0;
  --shadow: 0 1px 2px #0f1b2614, 0 4px 16px #0f1b260a;
}
@media (prefers-color-scheme: dark) {
  :root {
    --bg: #10161b; --card: #182027; --text: #e6ebef; --muted: #9fadb9; --line: #2b363f; --soft: #202a32;
    --brand: #3cc9b6; --brand-ink: #06231f; --brand-soft: #133a36; --link: #74c5ea;
    --good: #65d28d; --good-soft: #14331f; --bad: #ff9a90; --bad-soft: #421b19; --busy: #f2bd5c; --busy-soft: #3a2b0d; --idle: #a9b6c1; --idle-soft: #29333b;
    --shadow: 0 1px 2px #0006;
  }
}
*, ::before, ::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--bg); color: var(--text); font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
a { color: var(--link); text-decoration: none; }
a:hover { text-decoration: underline; }
dd a, p a, li a { text-decoration: underline; text-underline-offset: 2px; }
a.button, nav a { text-decoration: none; }
:focus-visible { outline: 2px solid var(--brand); outline-offset: 2px; border-radius: 4px; }
.title { display: flex; flex-wrap: wrap; gap: .4rem .75rem; align-items: baseline; }
.skip { position: absolute; left: -99rem; top: 0; background: var(--card); padding: .5rem 1rem; z-index: 9; }
.skip:focus { left: 0; }
.bar { background: var(--card); border-bottom: 1px solid var(--line); }
.bar > div { max-width: 76rem; margin: 0 auto; padding: .6rem 1.25rem; display: flex; flex-wrap: wrap; gap: .35rem 1.25rem; align-items: center; }
.brand { display: inline-flex; align-items: center; gap: .5rem; font-weight: 700; font-size: 1.1rem; color: var(--text); letter-spacing: -.01em; }
.brand:hover { text-decoration: none; }
.brand svg { width: 1.75rem; height: 1.75rem; color: var(--brand); }
.bar nav { display: flex; flex-wrap: wrap; gap: .15rem .25rem; flex: 1; }
.bar nav a { color: var(--muted); padding: .35rem .7rem; border-radius: .5rem; font-weight: 500; }
.bar nav a:hover { background: var(--soft); text-decoration: none; }
.bar nav a[aria-current] { color: var(--text); background: var(--soft); }
.who { display: flex; gap: .75rem; align-items: center; color: var(--muted); font-size: .9rem; }
.who form { margin: 0; }
main { max-width: 76rem; margin: 0 auto; padding: 1.5rem 1.25rem 3rem; }
body { display: flex; flex-direction: column; min-height: 100vh; }
body > * { width: 100%; }
main { flex: 1; }
footer { max-width: 76rem; margin: 0 auto; padding: 1rem 1.25rem 2rem; color: var(--muted); font-size: .875rem; display: flex; flex-wrap: wrap; gap: .35rem 1.25rem; }
footer a { color: var(--muted); text-decoration: underline; text-underline-offset: 2px; }
footer .languages { display: flex; gap: .25rem 1rem; flex-wrap: wrap; }
footer [aria-current] { color: var(--text); font-weight: 600; text-decoration: none; }
h1 { font-size: 1.55rem; line-height: 1.2; letter-spacing: -.015em; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 1.05rem; margin: 0 0 .75rem; letter-spacing: -.005em; }
h3 { font-size: .95rem; margin: 1rem 0 .4rem; }
p { margin: 0 0 .75rem; }
.head { display: flex; flex-wrap: wrap; gap: .6rem 1rem; align-items: center; margin-bottom: 1.1rem; }
.head .end { margin-left: auto; display: flex; gap: .6rem; flex-wrap: wrap; }
.lead { color: var(--muted); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .8rem; padding: 1.1rem 1.25rem; box-shadow: var(--shadow); margin-bottom: 1rem; min-width: 0; }
.card > :last-child { margin-bottom: 0; }
.card.flush { padding: 0; overflow: hidden; }
.grid { display: grid; grid-template-columns: minmax(0, 1.65fr) minmax(0, 1fr); gap: 1rem; align-items: start; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.buttons { display: flex; gap: .4rem; flex-wrap: wrap; }
.muted { color: var(--muted); }
.small { font-size: .875rem; }
.nowrap { white-space: nowrap; }
.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
code, .id { font-family: ui-monospace, SFMono-Regular, Menlo, monospace; font-size: .88em; overflow-wrap: anywhere; }
pre { font-family: ui-monospace, SFMono-Regular, Menlo, monospace; font-size: .85em; background: var(--soft); border-radius: .5rem; padding: .7rem .9rem; margin: 0 0 .75rem; white-space: pre-wrap; overflow-wrap: anywhere; }

.pill { display: inline-flex; align-items: center; gap: .45rem; padding: .12rem .65rem .12rem .55rem; border-radius: 99px; font-size: .85rem; font-weight: 600; white-space: nowrap; background: var(--idle-soft); color: var(--idle); }
.pill::before { content: ""; width: .5rem; height: .5rem; border-radius: 50%; background: currentColor; }
.pill.good { background: var(--good-soft); color: var(--good); }
.pill.bad { background: var(--bad-soft); color: var(--bad); }
.pill.busy { background: var(--busy-soft); color: var(--busy); }
.good { color: var(--good); } .bad { color: var(--bad); } .busy { color: var(--busy); }
strong.bad, td.bad, td.good, td.busy { font-weight: 600; }

.note { border: 1px solid var(--line); border-left: 4px solid var(--muted); background: var(--soft); border-radius: .5rem; padding: .7rem .95rem; margin: 0 0 1rem; overflow-wrap: anywhere; }
.note > :last-child { margin-bottom: 0; }
.note.good { border-left-color: var(--good); background: var(--good-soft); color: var(--text); }
.note.bad { border-left-color: var(--bad); background: var(--bad-soft); color: var(--text); }
.note.busy { border-left-color: var(--busy); background: var(--busy-soft); color: var(--text); }
.note ul { margin: .25rem 0 .5rem; padding-left: 1.2rem; }

button, .button { font: inherit; font-weight: 600; display: inline-flex; align-items: center; justify-content: center; gap: .4rem; min-height: 2.5rem; padding: .4rem 1rem; border-radius: .55rem; border: 1px solid var(--line); background: var(--card); color: var(--text); cursor: pointer; text-align: center; }
button:hover, .button:hover { background: var(--soft); text-decoration: none; }
.primary { background: var(--brand); border-color: var(--brand); color: var(--brand-ink); }
.primary:hover { background: var(--brand); filter: brightness(1.08); }
.danger { border-color: var(--bad); color: var(--bad); background: transparent; }
.danger:hover { background: var(--bad-soft); }
.quiet { min-height: 0; padding: .25rem .6rem; font-size: .875rem; font-weight: 500; }
.link { border: 0; background: none; padding: 0; min-height: 0; color: var(--link); font-weight: 500; }
.link:hover { background: none; text-decoration: underline; }
button:disabled { opacity: .55; cursor: default; }
details { margin-top: 1rem; } .actions { display: flex; gap: .6rem; flex-wrap: wrap; align-items: center; margin-top: 1rem; }

label, legend { font-weight: 600; }
input:not([type=checkbox]):not([type=radio]), select { font: inherit; font-weight: 400; width: 100%; min-height: 2.5rem; padding: .4rem .7rem; border: 1px solid var(--muted); border-radius: .55rem; background: var(--card); color: var(--text); }
.field { margin-bottom: 1rem; }
.field .hint, .option .hint { color: var(--muted); font-size: .875rem; display: block; font-weight: 400; margin: .15rem 0 .3rem; overflow-wrap: anywhere; }
.fault { color: var(--bad); font-size: .9rem; font-weight: 600; margin: .3rem 0 0; }
.fault:empty { display: none; }
.field:has(.fault:not(:empty)) input { border-color: var(--bad); box-shadow: 0 0 0 1px var(--bad); }
.pair { display: grid; grid-template-columns: minmax(0, 2fr) minmax(0, 1fr); gap: 0 1rem; align-items: start; }
.after { margin: .6rem 0 .9rem; }
fieldset { border: 0; padding: 0; margin: 0 0 1rem; min-width: 0; }
.option { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 0 .65rem; padding: .5rem 0; font-weight: 400; cursor: pointer; }
.option input { width: 1.1rem; height: 1.1rem; margin-top: .25rem; accent-color: var(--brand); }
.option b { font-weight: 600; }
.options { display: grid; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); gap: 0 1.25rem; }
.choice { display: grid; grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr)); gap: .6rem; margin-top: .4rem; }
.choice label { display: flex; gap: .6rem; align-items: center; border: 1px solid var(--line); border-radius: .6rem; padding: .65rem .8rem; cursor: pointer; }
.choice label:has(:checked) { border-color: var(--brand); background: var(--brand-soft); }
.choice a { border: 1px solid var(--line); border-radius: .6rem; padding: .65rem .8rem; color: var(--text); font-weight: 500; }
.choice a:hover { background: var(--soft); text-decoration: none; }
.choice a[aria-current] { border-color: var(--brand); background: var(--brand-soft); font-weight: 600; }
.qr { display: block; width: min(20rem, 100%); height: auto; background: #fff; padding: .75rem; border-radius: .6rem; margin: 0 0 1rem; }
.qr path { fill: #000; }
.choice input { accent-color: var(--brand); }
details > summary { cursor: pointer; font-weight: 600; color: var(--link); }
details[open] > summary { margin-bottom: .8rem; }

.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .6rem .8rem; border-bottom: 1px solid var(--line); }
tr:last-child > td { border-bottom: 0; }
th { font-size: .8rem; font-weight: 600; color: var(--muted); white-space: nowrap; }
th.number { text-align: right; }
tbody tr:hover { background: color-mix(in srgb, var(--soft) 60%, transparent); }
td a.name { font-weight: 600; color: var(--text); overflow-wrap: anywhere; }
td .sub { display: block; color: var(--muted); font-size: .84rem; overflow-wrap: anywhere; }
.clip { display: -webkit-box; -webkit-line-clamp: 2; -webkit-box-orient: vertical; overflow: hidden; }
.tabs { display: flex; flex-wrap: wrap; gap: .35rem; }
.tabs a { display: inline-flex; gap: .45rem; align-items: baseline; padding: .35rem .8rem; border-radius: 99px; border: 1px solid var(--line); background: var(--card); color: var(--text); font-weight: 500; }
.tabs a:hover { background: var(--soft); text-decoration: none; }
.tabs a[aria-current] { background: var(--brand-soft); border-color: var(--brand); font-weight: 600; }
.tabs .count { color: var(--muted); font-size: .85rem; font-variant-numeric: tabular-nums; }
.toolbar { display: flex; flex-wrap: wrap; gap: .75rem; align-items: center; margin-bottom: 1rem; }
.toolbar search { margin-left: auto; flex: 0 1 20rem; } .toolbar form { display: flex; gap: .5rem; }
.pages { display: flex; gap: .75rem; align-items: center; justify-content: flex-end; margin-top: .9rem; color: var(--muted); }
.beat { display: inline-flex; align-items: center; gap: .4rem; color: var(--muted); font-size: .84rem; }
.beat::before { content: ""; width: .45rem; height: .45rem; border-radius: 50%; background: var(--good); animation: beat 2.4s ease-in-out infinite; }
@keyframes beat { 50% { opacity: .25; } }
@media (prefers-reduced-motion: reduce) { * { animation: none !important; transition: none !important; } }

dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .35rem 1.1rem; margin: 0 0 .9rem; }
dt { color: var(--muted); }
dd { margin: 0; overflow-wrap: anywhere; }
.flows { display: grid; grid-template-columns: 1fr 1fr; gap: .75rem; margin-bottom: .9rem; }
.flow { border: 1px solid var(--line); border-radius: .6rem; padding: .75rem .9rem; min-width: 0; }
.flow h3 { margin: 0 0 .35rem; font-size: .9rem; }
.flow .big { font-size: 1.15rem; font-weight: 650; display: block; letter-spacing: -.01em; }
.flow.seen { border-color: var(--good); }
.stepper { display: flex; flex-wrap: wrap; gap: .4rem; list-style: none; margin: 0 0 1.2rem; padding: 0; counter-reset: step; }
.stepper li { counter-increment: step; display: inline-flex; align-items: center; gap: .5rem; color: var(--muted); padding-right: .8rem; }
.stepper li::before { content: counter(step); display: inline-grid; place-items: center; width: 1.6rem; height: 1.6rem; border-radius: 50%; border: 1px solid var(--line); background: var(--card); font-size: .85rem; font-weight: 600; }
.stepper li[aria-current] { color: var(--text); font-weight: 600; }
.stepper li[aria-current]::before, .stepper li.done::before { background: var(--brand); border-color: var(--brand); color: var(--brand-ink); }
.copy { display: flex; gap: .5rem; align-items: stretch; margin-bottom: .5rem; }
.copy code { flex: 1; background: var(--soft); border-radius: .5rem; padding: .55rem .7rem; min-width: 0; }
.hero { display: grid; grid-template-columns: minmax(0, 1.15fr) minmax(0, 1fr); gap: 2.5rem; align-items: center; padding: 2.2rem 0 1.5rem; }
.hero h1 { font-size: clamp(1.8rem, 4.4vw, 2.75rem); line-height: 1.1; margin-bottom: 1rem; letter-spacing: -.03em; }
.hero .lead { font-size: 1.1rem; }
.points { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 1rem; margin: 1.2rem 0; }
.points h2 { margin-bottom: .35rem; }
.points p { color: var(--muted); margin: 0; }
.narrow { max-width: 44rem; }
.htmx-indicator { visibility: hidden; }
.htmx-request .htmx-indicator, .htmx-request.htmx-indicator { visibility: visible; }

form.search { display: flex; flex-wrap: wrap; gap: .6rem .75rem; align-items: end; margin-bottom: 1rem; }
form.search label { display: flex; flex-direction: column; font-size: .85rem; flex: 1 1 11rem; }
ul.attempts { list-style: none; margin: 0; padding: 0; }
ul.attempts > li { border-top: 1px solid var(--line); padding: .7rem 0; }
ul.attempts > li:first-child { border-top: 0; padding-top: 0; }
svg.chain { width: 100%; min-width: 8rem; height: .9rem; display: block; border-radius: .25rem; margin: .35rem 0; }
.queue { fill: #8c959f; } .worker { fill: #54aeff; } .bridge { fill: #a475f9; } .chatwoot { fill: #2da44e; } .store { fill: #d4a72c; }
.legend { font-size: .84rem; color: var(--muted); }
.legend .nowrap { display: inline-block; margin-right: .9rem; }
.legend svg { width: .75rem; height: .75rem; margin-right: .35rem; border-radius: .15rem; }

@media (max-width: 60rem) { .grid, .hero { grid-template-columns: minmax(0, 1fr); } .hero { gap: 1.2rem; padding-top: 1rem; } .points { grid-template-columns: minmax(0, 1fr); } }
@media (max-width: 46rem) {
  main { padding: 1.1rem .9rem 2.5rem; }
  .bar > div { padding: .6rem .9rem; }
  footer { padding-inline: .9rem; }
  .bar nav { order: 3; flex-basis: 100%; }
  .who { margin-left: auto; }
  .pair, .flows { grid-template-columns: minmax(0, 1fr); }
  .toolbar search { margin-left: 0; flex-basis: 100%; }
  dl:not(.answers) { grid-template-columns: minmax(0, 1fr); gap: 0; } dl:not(.answers) dt { font-size: .85rem; } dl:not(.answers) dd { margin-bottom: .5rem; }
  table.stack thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  table.stack, table.stack tbody, table.stack tr, table.stack td { display: block; width: 100%; }
  table.stack tr { border-bottom: 1px solid var(--line); padding: .7rem .9rem; }
  table.stack tr:last-child { border-bottom: 0; }
  table.stack td { border: 0; padding: .12rem 0; text-align: left; display: flex; gap: .6rem; justify-content: space-between; white-space: normal; }
  table.stack td::before { content: attr(data-label); color: var(--muted); font-size: .85rem; flex: 0 0 auto; }
  table.stack td:empty { display: none; }
  table.stack td.main { display: block; }
  table.stack td.main::before { content: none; }
  table.stack td > .value { text-align: right; min-width: 0; overflow-wrap: anywhere; }
}
`;
