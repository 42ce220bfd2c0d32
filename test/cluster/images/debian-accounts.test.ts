/** Users and groups of a Debian: each program prints what the real ones printed when they were recorded (real-accounts/record.sh). */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { Machine } from './machine.js'

const machine = new Machine()
const recorded = (name: string): string => readFileSync(path.join(import.meta.dirname, 'real-accounts', name), 'utf8')

test('adds, changes and removes users and groups, and says what cannot be done, as shadow and adduser do', async () => {
  const box = await machine.run('debian:bookworm', { command: ['sleep', '1000000'] })
  const ended = await box.exec('sh', '-c', recorded('accounts.sh'))
  expect(ended.stdout + ended.stderr).toBe(recorded('accounts.out'))
})
