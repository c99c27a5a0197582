/** How pages look: on screens of any width, light or dark, and on paper. */
export const PAGE_STYLE = `
:root{color-scheme:light dark;--ink:#1a1a1a;--quiet:#5a5f66;--ground:#fff;--line:#d5d8dc;--band:#f4f6f8;--link:#00558a;--warn:#fff6e0;--warn-line:#d9a400}
@media screen and (prefers-color-scheme:dark){:root{--ink:#e8e8e8;--quiet:#a3a9b1;--ground:#14171a;--line:#3a3f45;--band:#1d2125;--link:#7cc4f5;--warn:#2c2510;--warn-line:#a07c10}}
*{box-sizing:border-box}
body{margin:0 auto;padding:1.25rem clamp(.75rem,3vw,2rem) 3rem;max-width:76rem;background:var(--ground);color:var(--ink);font:1rem/1.5 system-ui,sans-serif;overflow-wrap:break-word}
h1{font-size:1.6rem;line-height:1.25;margin:.5rem 0}
h2{font-size:1.2rem;margin:2rem 0 .5rem}
p,ul,dl{max-width:46rem}
a{color:var(--link)}
nav{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;font-size:.95rem}
.quiet,figcaption,footer,caption{color:var(--quiet);font-size:.9rem}
.caution{border-inline-start:.3rem solid var(--warn-line);background:var(--warn);padding:.5rem .9rem;margin:.75rem 0;max-width:46rem}
.caution p{margin:.25rem 0}
dl.figures{display:grid;grid-template-columns:repeat(auto-fill,minmax(8.4rem,1fr));gap:.6rem 1rem;max-width:none;margin:1rem 0}
dl.figures div{border-top:2px solid var(--line);padding-top:.3rem}
dl.figures dt{color:var(--quiet);font-size:.85rem}
dl.figures dd{margin:0;font-size:1.15rem;font-variant-numeric:tabular-nums}
dl.figures small{display:block;font-size:.8rem;color:var(--quiet)}
.scroll{overflow-x:auto;max-width:100%}
.scroll:focus-visible{outline:2px solid var(--link);outline-offset:2px}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.92rem}
caption{text-align:start;caption-side:bottom;padding-top:.4rem}
caption>span{display:block;position:sticky;inset-inline-start:0;max-width:min(46rem,100vw - 1.5rem)}
th,td{padding:.28rem .5rem;text-align:end;vertical-align:baseline;border-bottom:1px solid var(--line);white-space:nowrap}
thead th{vertical-align:bottom;font-weight:600;white-space:normal;min-width:4.2rem;text-wrap:balance;border-bottom:2px solid var(--line)}
th.text,td.text{text-align:start}
th.entry,td.entry{text-align:start;white-space:pre-wrap;overflow-wrap:anywhere;min-width:7rem;max-width:22rem}
tbody th{font-weight:600}
tbody th.entry{font-weight:400}
tbody tr:nth-child(even){background:var(--band)}
tr.sum>*{border-top:2px solid var(--line);font-weight:600}
bdi.mark::before{content:"\\25cc"}
figure{margin:1rem 0;max-width:100%}
figure svg{display:block;max-width:100%;min-width:30rem;height:auto}
figcaption{max-width:46rem;margin-top:.4rem}
footer{margin-top:2.5rem;border-top:1px solid var(--line);padding-top:.75rem}
@media print{
@page{margin:14mm}
html{font-size:9.5pt}
body{padding:0;max-width:none}
nav,.files{display:none}
a{color:inherit;text-decoration:none}
.scroll{overflow:visible}
table{font-size:.8rem}
th,td{padding:.15rem .3rem}
thead th{min-width:0}
h2{break-after:avoid;margin-top:1.4rem}
figure{margin:.6rem 0}
figure,tr,.caution,li,dl.figures div{break-inside:avoid}
figure svg{min-width:0;width:135mm}
footer{margin-top:1rem;break-before:avoid}
.caution,tbody tr:nth-child(even){print-color-adjust:exact;-webkit-print-color-adjust:exact}
}
`.trim();
