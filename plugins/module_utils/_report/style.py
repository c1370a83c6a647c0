# Copyright (c) 2026, the northflank.cloud contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the page looks: one style sheet inside of it, for light and dark, wide and narrow, and paper."""

from __future__ import annotations

STYLE = """
:root{color-scheme:light dark;--bg:#fff;--fg:#1b1f24;--soft:#57606a;--line:#d8dee4;--card:#f6f8fa;
--good:#1a7f37;--bad:#b42318;--badbg:#fdecea;--goodbg:#e6f4ea;--band:#dcefe2;
--snapshot:#2563c9;--dump:#0f8a7e;--unsure:#8a94a0;--running:#9a6700}
@media (prefers-color-scheme:dark){:root{--bg:#0f1419;--fg:#e6eaef;--soft:#9aa6b2;--line:#2b333c;--card:#171d24;
--good:#4cc274;--bad:#ff8a80;--badbg:#3a1c1a;--goodbg:#15301f;--band:#1d3a28;
--snapshot:#6ea3ff;--dump:#4fd0c0;--unsure:#8a94a0;--running:#e3b341}}
*{box-sizing:border-box}
body{margin:0;overflow-wrap:anywhere;background:var(--bg);color:var(--fg);
font:15px/1.45 system-ui,-apple-system,"Segoe UI",sans-serif}
header,main,footer{max-width:1240px;margin:0 auto;padding:0 20px}
header{padding-top:24px}
h1{font-size:1.55rem;line-height:1.25;margin:0 0 6px;display:flex;gap:.5rem;align-items:baseline}
h2{font-size:1.1rem;margin:32px 0 10px}
p{margin:8px 0}
.soft,small{color:var(--soft)}
small{font-size:.85rem}
.mark{font-weight:700}.is-good{color:var(--good)}.is-bad{color:var(--bad)}
.lead{border-left:4px solid var(--bad);background:var(--badbg);padding:10px 14px;border-radius:0 6px 6px 0;}
.lead.is-fine{border-color:var(--good);background:var(--goodbg)}
.share{display:block;width:100%;height:8px;margin:14px 0;border-radius:4px;overflow:hidden}
.share .rest{fill:var(--bad)}.share .part{fill:var(--good)}
.tools{display:flex;flex-wrap:wrap;gap:4px 16px;border:0;padding:0;margin:0 0 8px;color:var(--soft)}
.tools legend{float:left;padding:0;margin-right:12px}
.tools label{white-space:nowrap;cursor:pointer}
.key{display:flex;flex-wrap:wrap;gap:2px 18px;color:var(--soft);font-size:.85rem;margin:0 0 10px;padding:0;
list-style:none}
.key svg{width:14px;height:14px;vertical-align:-2px;margin-right:5px}
table{width:100%;border-collapse:collapse}
.databases,.databases thead,.databases tbody{display:block}
.databases tbody{display:flex;flex-direction:column}
.databases tr{display:grid;grid-template-columns:minmax(0,1.5fr) minmax(0,2fr) 6.5rem 5.5rem 5.5rem 240px;gap:4px 18px;
align-items:center;padding:8px 10px;border-bottom:1px solid var(--line)}
.databases tbody tr{min-height:60px}
.databases thead tr{color:var(--soft);font-size:.85rem;border-bottom:2px solid var(--line);padding-bottom:4px}
th{text-align:left;font-weight:600}
.databases thead th{font-weight:400}
td,th{padding:0}
.num{font-variant-numeric:tabular-nums}
.stale{box-shadow:inset 4px 0 0 var(--bad)}
.fresh{box-shadow:inset 4px 0 0 var(--good)}
.databases th small{display:block;font-weight:400}
.why{color:var(--bad)}
.plot{display:block;width:100%;height:auto}
.band{fill:var(--band)}.axis{stroke:var(--line);fill:none}
.snapshot{stroke:var(--snapshot)}.dump{stroke:var(--dump)}
.unsure,.import,.other{stroke:var(--unsure);stroke-dasharray:2 1.5}
.failed{stroke:var(--bad)}.running{stroke:var(--running)}
.plot path,.key path{stroke-width:2;fill:none}.plot .axis{stroke-width:1}
body:has(#by-name:checked) .databases tbody tr{order:var(--n)}
body:has(#by-size:checked) .databases tbody tr{order:var(--s)}
body:has(#by-type:checked) .databases tbody tr{order:var(--t)}
body:has(#only:checked) .databases .fresh{display:none}
.list td,.list th{padding:6px 14px 6px 0;border-bottom:1px solid var(--line);vertical-align:top}
.list thead th{white-space:nowrap;color:var(--soft);font-weight:400;font-size:.85rem}
summary{cursor:pointer;padding:4px 0}
footer{color:var(--soft);padding-top:24px;padding-bottom:40px;font-size:.85rem}
:focus-visible{outline:2px solid var(--snapshot);outline-offset:2px}
.label{display:none}
@media (max-width:900px){
header,main,footer{padding-left:14px;padding-right:14px}
h1{font-size:1.3rem}
.databases thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.databases tr{align-items:start;grid-template-columns:repeat(3,minmax(0,1fr));padding:12px 10px 12px 14px}
.databases th,.databases .state,.databases .over{grid-column:1/-1}
.label{display:block;color:var(--soft);font-size:.8rem}
.tools legend{width:100%;float:none}
}
@media print{.tools{display:none}.databases tr{break-inside:avoid}}
"""
