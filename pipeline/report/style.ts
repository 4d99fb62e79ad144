/** The look of every report page: system fonts, so that nothing is fetched; prints on A4. */
export const style = `
:root{--ink:#1c2a24;--soft:#5c6b63;--line:#dde5df;--paper:#fbfcfa;--green:#1f6f4a;--alarm:#b3261e}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1180px;padding:28px 24px 60px;background:var(--paper);color:var(--ink);font:15px/1.55 "Noto Sans SC","Noto Sans CJK SC","PingFang SC","Microsoft YaHei",system-ui,sans-serif}
h1{font-size:30px;margin:2px 0 4px}h2{font-size:20px;margin:36px 0 12px;padding-bottom:6px;border-bottom:2px solid var(--green)}h3{font-size:15px;margin:0 0 8px}
.en{color:var(--soft);font-size:.82em;font-weight:400}
.brand{color:var(--green);font-weight:700;letter-spacing:.08em;margin:0}
.dates{font-size:19px;margin:0 0 8px;font-variant-numeric:tabular-nums}.arrow{color:var(--green)}
.notice{background:#eef4ef;border-left:4px solid var(--green);padding:8px 12px;margin:10px 0}
p.alarm{background:#fdecea;border-left:4px solid var(--alarm);padding:8px 12px}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin-top:20px}
.fact{background:#fff;border:1px solid var(--line);border-radius:10px;padding:12px 14px;display:flex;flex-direction:column;justify-content:space-between;gap:6px}
.fact b{font-size:19px;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}.fact.main b{font-size:25px;color:var(--green);white-space:nowrap}.fact.alarm b{color:var(--alarm)}
.fact small{display:block;font-size:14px;color:var(--soft);font-weight:500}.fact span{font-size:13px}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(380px,1fr));gap:14px}
figure{margin:0}figure svg{width:100%;height:auto;display:block;border-radius:8px;background:#d9dfda}figcaption{margin-top:4px;color:var(--soft);font-size:13px}
svg path.suspected{fill-opacity:.4;stroke-width:1.6;vector-effect:non-scaling-stroke}
svg path.watch{fill-opacity:.1;stroke-width:1;stroke-dasharray:3 2;vector-effect:non-scaling-stroke}
svg text{fill:#fff;stroke:#000;stroke-width:3px;paint-order:stroke;font-weight:700;text-anchor:middle}
svg .scale path{fill:none;stroke:#fff;stroke-width:2;vector-effect:non-scaling-stroke;filter:drop-shadow(0 0 1px #000)}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:6px 18px;padding:0;margin:10px 0 0}.legend i{display:inline-block;width:16px;height:12px;border:1.5px solid #cfc300;border-radius:2px;margin-right:6px;vertical-align:-1px}.legend i.dash{border:1.5px dashed #888}
table{border-collapse:collapse;width:100%;background:#fff;font-size:13.5px}th,td{padding:6px 9px;border-bottom:1px solid var(--line);text-align:left;overflow-wrap:break-word}th{background:#f1f5f2;font-weight:600}
table.numbers td{font-variant-numeric:tabular-nums}
.swatch{display:inline-block;width:11px;height:11px;border-radius:2px;margin-right:6px}
.tag{color:#fff;border-radius:4px;padding:1px 7px;font-size:13px}
.cases{display:grid;grid-template-columns:repeat(auto-fill,minmax(330px,1fr));gap:14px}
article{background:#fff;border:1px solid var(--line);border-radius:10px;padding:12px;break-inside:avoid}article p{margin:8px 0 0;font-size:13px;font-variant-numeric:tabular-nums}
.chips{display:flex;gap:6px}.chips img{width:50%;height:auto;border-radius:6px;image-rendering:pixelated}
code{font:12px ui-monospace,Consolas,monospace;color:var(--soft);overflow-wrap:anywhere}
@media print{body{padding:0;background:#fff}section{break-inside:avoid-page}}
`.trim();
