/** Before a run: what browsers called in an earlier one counts no more, except for a run that goes on with it (`--no-deps`). */
import fs from 'node:fs'
import { DRIVEN } from './driven.js'

export default function freshCalls(): void {
  if (!process.argv.includes('--no-deps')) fs.rmSync(process.env[DRIVEN]!, { recursive: true, force: true })
}
