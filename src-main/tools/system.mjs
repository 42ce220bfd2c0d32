// The system packages that tests with a real browser and a real window need. On Debian as root they are installed;
// elsewhere it is said what is missing.
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'

/** What must be there, and the Debian package that brings it. */
const needed = [
  {
    what: 'Chromium',
    found: () => ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].some((p) => fs.existsSync(p)),
    packages: ['chromium'],
  },
  { what: 'Xvfb', found: () => has('Xvfb') && has('xvfb-run'), packages: ['xvfb', 'xauth'] },
  {
    what: 'GTK 3 and what Electron links to',
    found: () => library('libgtk-3.so.0') && library('libnss3.so') && library('libgbm.so.1') && library('libasound.so.2'),
    packages: ['libgtk-3-0', 'libnss3', 'libgbm1', 'libasound2', 'libxss1'],
  },
  { what: 'unzip', found: () => has('unzip'), packages: ['unzip'] },
]

function has(command) {
  return spawnSync('sh', ['-c', `command -v ${command}`]).status === 0
}

function library(name) {
  return ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib64', '/usr/lib'].some((d) => fs.existsSync(`${d}/${name}`))
}

/** Installs what is missing where it can. Gives what is still missing, as sentences. */
export function systemPackages() {
  if (process.platform !== 'linux') return []
  let missing = needed.filter((n) => !n.found())
  if (missing.length && fs.existsSync('/etc/debian_version') && process.getuid?.() === 0) {
    const packages = missing.flatMap((n) => n.packages)
    console.log(`installing ${packages.join(' ')} …`)
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    spawnSync('apt-get', ['update', '-qq'], { stdio: 'inherit', env })
    spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], { stdio: ['ignore', 'ignore', 'inherit'], env })
    missing = needed.filter((n) => !n.found())
  }
  return missing.map((n) => `${n.what} is missing (Debian: apt-get install ${n.packages.join(' ')})`)
}

/** The path of the Chromium that browser tests drive. */
export function chromium() {
  return ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((p) => fs.existsSync(p))
}
