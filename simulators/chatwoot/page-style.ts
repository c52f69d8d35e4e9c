/** The page's style sheet; it follows the reader's light or dark preference. */
export const pageStyle = `
:root { color-scheme: light dark; --bg: #f3f5f8; --card: #fff; --line: #e1e6ee; --text: #1c2733; --soft: #66758a; --brand: #1f93ff;
  --in: #eef2f7; --out: #d9ecff; --note: #fff4cf; --bad: #c62828; --good: #1b7f4d; }
@media (prefers-color-scheme: dark) { :root { --bg: #12161c; --card: #1b222b; --line: #2c3643; --text: #e6ebf2; --soft: #93a1b5;
  --in: #26303c; --out: #17395c; --note: #4a3f17; --bad: #ff8a80; --good: #6fd6a2; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--bg); color: var(--text); font: 15px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
header { background: var(--card); border-bottom: 1px solid var(--line); padding: 14px 24px; display: flex; gap: 12px; align-items: center;
  flex-wrap: wrap; position: sticky; top: 0; z-index: 1; }
header .logo { width: 30px; height: 30px; border-radius: 9px 9px 9px 2px; background: var(--brand); }
h1 { font-size: 17px; margin: 0; } h2 { font-size: 16px; margin: 26px 0 10px; } h3 { font-size: 15px; margin: 0; }
header small, .soft { color: var(--soft); } header .counts { margin-left: auto; }
main { max-width: 1500px; margin: 0 auto; padding: 0 24px 48px; }
.inbox { margin-bottom: 26px; } .inbox-head { display: flex; gap: 10px; align-items: baseline; flex-wrap: wrap; margin-bottom: 10px; }
.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 380px), 1fr)); gap: 16px; align-items: start; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 12px; overflow: hidden; min-width: 0; }
.who { display: flex; gap: 10px; align-items: center; padding: 12px 14px; border-bottom: 1px solid var(--line); }
.who > div { min-width: 0; flex: 1; } .who strong, .who small { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.face { width: 36px; height: 36px; flex: none; border-radius: 50%; display: grid; place-items: center; color: #fff; font-weight: 600; background: var(--tone); }
.badge { font-size: 12px; padding: 2px 9px; border-radius: 99px; border: 1px solid var(--line); color: var(--soft); white-space: nowrap; }
.badge.open { color: var(--good); border-color: currentColor; } .badge.bad { color: var(--bad); border-color: currentColor; }
ol { list-style: none; margin: 0; padding: 14px; display: flex; flex-direction: column; gap: 8px; max-height: 560px; overflow-y: auto; }
li { max-width: 84%; padding: 8px 12px; border-radius: 12px; background: var(--in); align-self: flex-start; border-bottom-left-radius: 3px; overflow-wrap: anywhere; }
li.outgoing, li.template { align-self: flex-end; background: var(--out); border-bottom-left-radius: 12px; border-bottom-right-radius: 3px; }
li.template { border: 1px dashed var(--brand); } li.private { background: var(--note); }
li.activity { align-self: center; background: none; color: var(--soft); font-size: 13px; padding: 2px 8px; text-align: center; max-width: 100%; }
li .by { font-size: 12px; color: var(--soft); font-weight: 600; } li .text { white-space: pre-wrap; }
li .meta { font-size: 12px; color: var(--soft); text-align: right; margin-top: 2px; }
.tick.read { color: var(--brand); } .tick.failed, .why { color: var(--bad); } .why { font-size: 12.5px; margin-top: 4px; }
li img { display: block; max-width: 100%; max-height: 260px; border-radius: 8px; margin: 4px 0; } li audio, li video { display: block; width: 260px; max-width: 100%; margin: 4px 0; }
li a { color: inherit; } blockquote { margin: 0 0 4px; padding: 2px 8px; border-left: 3px solid var(--brand); color: var(--soft); font-size: 13px; }
.empty { color: var(--soft); padding: 18px; border: 1px dashed var(--line); border-radius: 12px; text-align: center; }
@media (max-width: 600px) { header, main { padding-left: 14px; padding-right: 14px; } header .counts { margin-left: 0; width: 100%; } }
`;

/** Refreshes the contents every two seconds, only when they changed, so that a playing recording goes on; keeps the lists at their end. */
export const pageScript = `
const toEnd = () => document.querySelectorAll('ol').forEach((list) => { list.scrollTop = list.scrollHeight; });
toEnd();
// Pictures get their height when they arrive.
document.addEventListener('load', toEnd, true);
setInterval(async () => {
  try {
    const next = new DOMParser().parseFromString(await (await fetch(location.href)).text(), 'text/html').getElementById('live');
    const live = document.getElementById('live');
    if (next && live.innerHTML !== next.innerHTML) { live.innerHTML = next.innerHTML; toEnd(); }
  } catch { /* The simulator is stopped or restarting: the next round tries again. */ }
}, 2000);
`;
