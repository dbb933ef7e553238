/** Dark, calm, high contrast; no font or picture from elsewhere. Printed it turns light. */
export const demoStyle = `
:root { color-scheme: dark; --ground: #0f1115; --raised: #171a21; --line: #2b303b; --text: #dee2e8; --quiet: #a3abb8; --accent: #56b4e9; }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 16px/1.55 system-ui, sans-serif; }
header, main, footer { max-width: 1180px; margin: 0 auto; padding: 0 24px; }
header { padding-top: 40px; }
h1 { font-size: 1.9rem; font-weight: 600; line-height: 1.2; margin: 0 0 12px; }
h2 { font-size: 1.25rem; font-weight: 600; margin: 0 0 12px; }
section { background: var(--raised); border: 1px solid var(--line); border-radius: 10px; padding: 24px; margin: 24px 0; }
p { max-width: 75ch; }
.notice { border-left: 3px solid #e69f00; padding-left: 12px; }
.note, figcaption, footer, .scale { color: var(--quiet); font-size: 0.9rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 8px 12px 8px 0; border-bottom: 1px solid var(--line); white-space: nowrap; }
thead th { color: var(--quiet); font-weight: 500; font-size: 0.9rem; }
.swatch { display: inline-block; width: 0.8em; height: 0.8em; border-radius: 2px; margin-right: 0.5em; }
figure { margin: 0 0 20px; }
.charts { display: flex; flex-wrap: wrap; gap: 16px; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 480px), 1fr)); gap: 8px 28px; }
.panels { display: flex; gap: 10px; align-items: flex-end; }
.panels img { min-width: 0; flex-shrink: 1; }
img { display: block; border-radius: 4px; max-width: 100%; height: auto; }
.heat { display: inline-block; width: 90px; height: 0.7em; vertical-align: baseline; border-radius: 2px;
  background: linear-gradient(90deg, rgb(10 7 34), rgb(66 10 104), rgb(147 38 103), rgb(221 81 58), rgb(252 165 10), rgb(252 255 164)); }
footer { padding-bottom: 48px; }
@media print { :root { color-scheme: light; --ground: #fff; --raised: #fff; --line: #bbb; --text: #111; --quiet: #444; } svg { filter: invert(1) hue-rotate(180deg); } section { break-inside: avoid; } }
`;
