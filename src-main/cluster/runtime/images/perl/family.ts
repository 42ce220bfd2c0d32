/** perl, as far as the Job of the Kubernetes documentation goes: `perl -Mbignum=bpi -wle 'print bpi(2000)'`. */
import type { ImageFamily } from '../image.js'
import type { Program } from '../../process.js'
import { tagsOf, versionOf, type Releases } from '../tags.js'
import { debianTree } from '../userland.js'

/** The first `digits` digits of pi, rounded in the last as bignum does (Machin's formula). */
export function pi(digits: number): string {
  const guard = 10n
  const unity = 10n ** (BigInt(digits) + guard)
  const arctan = (x: bigint): bigint => {
    let term = unity / x
    let sum = term
    for (let n = 3n, sign = -1n; term !== 0n; n += 2n, sign = -sign) {
      term /= x * x
      sum += (sign * term) / n
    }
    return sum
  }
  const value = 4n * (4n * arctan(5n) - arctan(239n))
  // One digit stands before the point.
  const cut = 10n ** (guard + 1n)
  const rounded = String((value + cut / 2n) / cut)
  return digits === 1 ? rounded : `${rounded[0]}.${rounded.slice(1)}`
}

/** CPU milliseconds for n digits: about ten seconds for the 2,000 of the documentation. */
function cost(digits: number): number {
  return digits * digits * 0.0025
}

const program =
  (version: string): Program =>
  async (process) => {
    const args = process.argv.slice(1)
    if (args[0] === '-v' || args[0] === '--version') {
      const [major, minor, patch] = version.split('.')
      await process.write(`\nThis is perl ${major}, version ${minor}, subversion ${patch} (v${version}) built for x86_64-linux-gnu\n`)
      return 0
    }
    const digits = Number(/^\s*print\s+bpi\s*\(?\s*(\d+)\s*\)?\s*;?\s*$/.exec(args.at(-1) ?? '')?.[1])
    if (args.some((a) => a.startsWith('-Mbignum')) && digits >= 1 && digits <= 20_000) {
      await process.compute(cost(digits))
      await process.write(`${pi(digits)}\n`)
      return 0
    }
    await process.writeError('perl: the embedded cluster runs only the computation of pi: -Mbignum=bpi -wle "print bpi(N)"\n')
    return 2
  }

const RELEASES: Releases = [
  ['5.26', 3],
  ['5.28', 3],
  ['5.30', 3],
  ['5.32', 1],
  ['5.34', 3],
  ['5.36', 3],
  ['5.38', 5],
  ['5.40', 3],
  ['5.42', 0],
]

export const perl: ImageFamily = {
  repositories: ['docker.io/library/perl'],
  tags: tagsOf(RELEASES, ['slim']),
  tag(tag) {
    const found = versionOf(tag, RELEASES)
    if (!found || !/^(slim)?(-?(bookworm|bullseye|buster|trixie))?$/.test(found.variant)) return undefined
    return {
      cmd: ['perl', '-de0'],
      size: 336_000_000,
      baseMemory: 4_000_000,
      files: () => ({
        ...debianTree('bookworm', { tools: ['curl'] }),
        '/usr/local/bin/perl': { program: program(found.version) },
      }),
    }
  },
}
