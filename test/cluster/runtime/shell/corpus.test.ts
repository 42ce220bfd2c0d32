/** The shell against a real dash and a real bash: each script prints what they printed when it was recorded (record.sh). */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { extraPrograms } from '../../../../src-main/cluster/runtime/programs/catalogue.js'
import { debianImage, makeMachine, programFiles } from '../machine.js'

const corpus = path.join(import.meta.dirname, 'corpus')
/** What a script reads in that others have alike. */
const included = (script: string): Record<string, { data: Buffer }> =>
  Object.fromEntries(
    [...script.matchAll(/^\. \.\/(\w+\.head)$/gm)].map(([, f]) => [`/w/${f}`, { data: readFileSync(path.join(corpus, f!)) }]),
  )
const names = readdirSync(corpus)
  .filter((f) => f.endsWith('.sh'))
  .map((f) => f.slice(0, -3))

function shellOf(name: string): 'bash' | 'dash' {
  return name.startsWith('bash_') ? 'bash' : 'dash'
}

/** Runs one script as the recorder ran it. */
async function run(name: string): Promise<string> {
  const script = readFileSync(path.join(corpus, `${name}.sh`))
  const image = {
    ...debianImage,
    // What a Debian has once its packages of that name are installed.
    files: () => ({
      ...debianImage.files(),
      ...programFiles(extraPrograms),
      ...included(script.toString()),
      '/w/script.sh': { data: script },
      '/usr/bin': { directory: true as const },
    }),
  }
  const m = await makeMachine({ images: { debian: image } })
  const id = await m.start({ image: 'debian', workingDir: '/w', env: [{ name: 'LC_ALL', value: 'C' }] })
  const result = await m.exec(id, ['sh', '-c', `${shellOf(name)} script.sh 2>&1 < /dev/null; echo "exit $?"`], { ms: 20_000 })
  await m.runtime.stopPodSandbox(m.sandboxId)
  return result.stdout + result.stderr
}

describe.each(['dash', 'bash'] as const)('%s runs', (shell) => {
  it.each(names.filter((name) => shellOf(name) === shell))('%s', async (name) => {
    expect(await run(name)).toBe(readFileSync(path.join(corpus, `${name}.out`), 'utf8'))
  })
})
