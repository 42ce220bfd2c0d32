import { expect, it } from 'vitest'
import { runCampaign } from '../fuzz/campaign.js'

/** As many as fit into a few seconds; `npm run fuzz` sends 100,000 with a seed of chance. */
const REQUESTS = 3000
const SEED = 36

it(`${REQUESTS} requests, shaped by the schema and damaged, find no 5xx, no hang, no bug and no lost write`, async () => {
  const result = await runCampaign({ requests: REQUESTS, seed: SEED })
  expect(result.failures).toEqual([])
  // Requests that are all refused would show nothing.
  expect(result.writes).toBeGreaterThan(100)
}, 120_000)
