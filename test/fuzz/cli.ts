/** `npm run fuzz [-- --requests N --seed N --path P --all]`: a long campaign; ends with 1 when something does not hold. */
import { parseArgs } from 'node:util'
import { runCampaign } from './campaign.js'

const text = { type: 'string' } as const
const { values } = parseArgs({ options: { requests: text, seed: text, path: text, all: { type: 'boolean' } } })
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed)
const requests = Number(values.requests ?? 100_000)
console.log(`${requests} requests, seed ${seed}`)
const began = performance.now()
const { sent, writes, codes, failures } = await runCampaign({
  requests,
  seed,
  all: values.all ?? false,
  log: (line) => console.log(line),
  ...(values.path === undefined ? {} : { path: values.path }),
})
console.log(`${sent} requests in ${((performance.now() - began) / 1000).toFixed(0)} s, ${writes} acknowledged writes found again`)
console.log(
  `answers: ${Object.entries(codes)
    .map(([code, n]) => `${code}: ${n}`)
    .join(', ')}`,
)
for (const failure of failures) console.log(`\n${failure}`)
console.log(failures.length === 0 ? 'no 5xx, no hang, no lost write' : `\n${failures.length} failures; seed ${seed}`)
process.exit(failures.length === 0 ? 0 : 1)
