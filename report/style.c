/* style.c - the head of the page. Colours are named once, for light and dark; blue and orange stay apart for every kind
 * of sight.
 * SPDX-License-Identifier: Apache-2.0 */
#include "report/markup.h"

const char markup_head[] =
"<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
"<meta name=\"color-scheme\" content=\"light dark\">\n<link rel=\"icon\" href=\"data:,\">\n<style>\n";

const char markup_style_page[] =
":root{--paper:#fbfaf7;--card:#fff;--ink:#1d2329;--soft:#5d6872;--line:#dfdfd8;--keep:#2f7fb8;--drop:#d9681d;--limit:#b3261e;--track:#ecebe4}\n"
"@media (prefers-color-scheme:dark){:root{--paper:#14181c;--card:#1b2126;--ink:#e6e8ea;--soft:#9aa6b0;--line:#2f383f;--keep:#5aa9de;--drop:#f0914a;--limit:#ff8a80;--track:#262e35}}\n"
"*{box-sizing:border-box}\n"
"body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif}\n"
"main,header,footer{max-width:1060px;margin:0 auto;padding:0 20px}\n"
"header{padding-top:36px}\nh1{font-size:1.9rem;line-height:1.2;margin:0 0 .2em;letter-spacing:-.02em}\n"
"h2{font-size:1.25rem;margin:2.6em 0 .3em;letter-spacing:-.01em}\nh3{font-size:1rem;margin:1.2em 0 .3em}\n"
"p{margin:.3em 0 .9em;max-width:70ch}\n.soft,figcaption,th{color:var(--soft)}\nsmall,.small{font-size:.85rem}\n"
"code{font:.88em ui-monospace,SFMono-Regular,Menlo,'DejaVu Sans Mono',monospace;overflow-wrap:anywhere}\n"
"nav{display:flex;flex-wrap:wrap;gap:4px 16px;margin:14px 0 0;font-size:.9rem}\na{color:var(--keep)}\n"
".facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin:22px 0 0}\n"
".fact,.card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:12px 16px;margin:0;min-width:0}\n"
".fact b{display:block;font-size:1.5rem;line-height:1.25;letter-spacing:-.02em;font-variant-numeric:tabular-nums}\n.fact span{color:var(--soft);font-size:.85rem}\n"
".grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(300px,1fr));gap:14px;align-items:start}\n"
".grid.two{grid-template-columns:repeat(auto-fill,minmax(min(440px,100%),1fr))}\nfigure{margin:0}\nfigcaption{font-size:.85rem}\nfigcaption b{color:var(--ink);font-weight:600;font-size:.95rem}\n"
"svg{display:block;width:100%;height:auto;overflow:visible}\nsvg text{font:11px system-ui,'DejaVu Sans',sans-serif;fill:var(--soft)}\n"
".k{fill:var(--keep)}.d{fill:var(--drop)}.axis{stroke:var(--line);stroke-width:1}.limit{stroke:var(--limit);stroke-width:1.5;stroke-dasharray:4 3}\n"
"svg .limit-text{fill:var(--limit)}\nsvg .word{fill:var(--ink);text-anchor:middle;paint-order:stroke;stroke:var(--card);stroke-width:3px;stroke-linejoin:round}\n"
".bubble{fill:var(--keep);fill-opacity:.28;stroke:var(--keep);stroke-width:1}\n.loss{fill:none;stroke:var(--keep);stroke-width:1.6}.loss.b{stroke:var(--drop)}\n";

const char markup_style_parts[] =
".scroll{overflow-x:auto}\ntable{border-collapse:collapse;width:100%;font-size:.9rem;font-variant-numeric:tabular-nums}\n"
"th{font-weight:500;text-align:left;white-space:nowrap}\nth,td{padding:5px 14px 5px 0;border-bottom:1px solid var(--line);vertical-align:top}\n"
"td.n,th.n{text-align:right;white-space:nowrap}\n"
".bar{display:flex;height:14px;background:var(--track);border-radius:3px;overflow:hidden;min-width:90px;margin-top:4px}\n"
".bar i{display:block;background:var(--keep)}.bar i.d{background:var(--drop)}\n"
".rows{display:grid;grid-template-columns:max-content 1fr max-content;gap:3px 12px;align-items:center;font-size:.9rem;font-variant-numeric:tabular-nums}\n"
".rows .bar{margin:0;min-width:0}.rows span{overflow-wrap:anywhere}.rows .thin{height:5px;margin-top:1px}\n"
".step{display:grid;grid-template-columns:9.5em 1fr;gap:0 14px;padding:9px 0;border-bottom:1px solid var(--line)}\n.step .bar{height:20px}\n"
".step p{margin:3px 0 0;font-size:.87rem;color:var(--soft);max-width:none}.step p b{color:var(--ink);font-weight:600}.step em{font-style:normal;color:var(--drop)}\n"
".key span{white-space:nowrap}.key i{display:inline-block;width:.8em;height:.8em;border-radius:2px;background:var(--keep);margin:0 .3em 0 .9em}.key i.d{background:var(--drop)}.key i.l{background:var(--limit);height:.2em;vertical-align:.25em}\n"
"details{background:var(--card);border:1px solid var(--line);border-radius:10px;margin:8px 0;padding:0 16px}\nsummary{cursor:pointer;padding:10px 0}\n"
".sides{display:grid;grid-template-columns:1fr 1fr;gap:4px 26px;padding-bottom:12px}\n.sides>div{min-width:0}\n"
".doc{border-top:1px solid var(--line);padding:7px 0;font-size:.87rem}\n.doc b{font-variant-numeric:tabular-nums}.doc p{margin:2px 0 0;color:var(--soft);overflow-wrap:anywhere}\n"
".doc .at{overflow-wrap:anywhere}\n.kept b{color:var(--keep)}.gone b{color:var(--drop)}\n"
"footer{padding-top:30px;padding-bottom:50px;color:var(--soft);font-size:.85rem}\n"
"@media (max-width:640px){.sides{grid-template-columns:1fr}.step{grid-template-columns:1fr}.grid{grid-template-columns:1fr}header{padding-top:22px}"
"main,header,footer{padding-left:14px;padding-right:14px}.facts{grid-template-columns:1fr 1fr}.wide svg text{font-size:20px}}\n"
"</style>\n";
