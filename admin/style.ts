/** The looks of the operator's pages, served by ourselves: nothing on these pages comes from anywhere else. */
export const STYLE = `
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --good: #1a7f37; --bad: #cf222e; --busy: #9a6700; --link: #0969da; }
@media (prefers-color-scheme: dark) { :root { --good: #3fb950; --bad: #f85149; --busy: #d29922; --link: #58a6ff; } }
* { box-sizing: border-box; }
body { margin: 0; font: 15px/1.5 system-ui, sans-serif; }
header, main { max-width: 80rem; margin: 0 auto; padding: 0 1rem; }
header { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; align-items: baseline; padding-top: 1rem; }
header strong { margin-right: .5rem; }
a { color: var(--link); text-decoration: none; }
a:hover, a:focus { text-decoration: underline; }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1rem; }
a[aria-current] { color: inherit; font-weight: 600; }
h1 { font-size: 1.4rem; margin: 1.25rem 0 .75rem; }
h2 { font-size: 1.1rem; margin: 1.5rem 0 .5rem; }
form.search { display: flex; flex-wrap: wrap; gap: .5rem .75rem; align-items: end; margin-bottom: 1rem; }
form.search label { display: flex; flex-direction: column; font-size: .85rem; }
input, select, button, .button { font: inherit; min-height: 2.2rem; padding: .3rem .5rem; border: 1px solid var(--line); border-radius: .35rem; }
button, .button { cursor: pointer; background: var(--soft); color: inherit; }
button.danger { border-color: var(--bad); color: var(--bad); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem; border-bottom: 1px solid var(--line); }
th { font-size: .85rem; font-weight: 600; white-space: nowrap; }
td.nowrap, td.number { white-space: nowrap; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
code, .id { font-family: ui-monospace, monospace; font-size: .9em; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; margin: 0; }
dt { font-weight: 600; }
dd { margin: 0; overflow-wrap: anywhere; }
.good { color: var(--good); } .bad { color: var(--bad); } .busy { color: var(--busy); }
.note { border-left: 4px solid var(--line); background: var(--soft); padding: .6rem .9rem; margin: .75rem 0; overflow-wrap: anywhere; }
.note.bad { border-color: var(--bad); color: inherit; }
.muted { opacity: .7; }
.actions { display: flex; gap: .6rem; align-items: center; margin-top: 1rem; }
svg.chain { width: 100%; min-width: 16rem; height: 1.1rem; display: block; }
.queue { fill: #8c959f; } .worker { fill: #54aeff; } .bridge { fill: #a475f9; } .chatwoot { fill: #2da44e; } .store { fill: #d4a72c; }
.legend svg { width: .8rem; height: .8rem; margin: 0 .3rem 0 .8rem; }
@media (max-width: 40rem) { dl { grid-template-columns: 1fr; } dt { margin-top: .4rem; } }
`;
