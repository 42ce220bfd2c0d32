// `npm run bench [-- NAME …]`: measures the budgets that exist so far; prints a table, then the same as one line of JSON.
import { buildIfStale } from './build.mjs'

await buildIfStale()
const all = ['cluster', 'api', 'workloads', 'scheduler', 'time', 'shell', 'network', 'window', 'window-logs']
const names = process.argv.slice(2).filter((a) => !a.startsWith('-'))
const rows = []
for (const name of names.length ? names : all) {
  process.stderr.write(`measuring ${name} …\n`)
  const { run } = await import(`../../test/bench/${name}.mjs`)
  rows.push(...(await run()))
}
const cells = rows.map((r) => [
  r.what,
  `${r.value} ${r.unit}`,
  `${r.atLeast ? '≥' : '≤'} ${r.budget} ${r.unit}`,
  (r.atLeast ? r.value >= r.budget : r.value <= r.budget) ? 'ok' : 'over',
])
const widths = [0, 1, 2, 3].map((i) => Math.max(...cells.map((c) => c[i].length), ['what', 'measured', 'budget', ''][i].length))
const line = (c) => c.map((x, i) => (i === 1 || i === 2 ? x.padStart(widths[i]) : x.padEnd(widths[i]))).join('  ')
console.log(line(['what', 'measured', 'budget', '']))
for (const [i, c] of cells.entries()) console.log(rows[i].note ? `${line(c)}  (${rows[i].note})` : line(c))
console.log(JSON.stringify({ node: process.version, rows }))
