/** What tar does to an archive that is there: compares it with the files (-d), adds others to it (-A), takes members out (--delete). */
import { SystemError } from '../process.js'
import { members } from './archive-members.js'
import { withoutEnd } from './archive-write.js'
import { Fail, type Command, type Options } from './command.js'

const END = Buffer.alloc(1024)
const RECORD = 10_240

function whole(parts: readonly Buffer[]): Buffer {
  const archive = Buffer.concat([...parts, END])
  return Buffer.concat([archive, Buffer.alloc((RECORD - (archive.length % RECORD)) % RECORD)])
}

function open(c: Command, file: string | undefined): Buffer {
  if (file === undefined || file === '-')
    throw new Fail("tar: Options '-Aru' are incompatible with '-f -'\nTry 'tar --help' or 'tar --usage' for more information.", 2)
  try {
    return Buffer.from(c.fs.readFile(file))
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    throw new Fail(`tar: ${file}: Cannot open: ${error.message}\ntar: Error is not recoverable: exiting now`, 2)
  }
}

async function end(c: Command): Promise<number> {
  if (c.status === 2) await c.task.writeError('tar: Exiting with failure status due to previous errors\n')
  return c.status
}

const isNamed = (name: string, operand: string): boolean => `${name.replace(/\/$/, '')}/`.startsWith(`${operand.replace(/\/$/, '')}/`)

/** Tells what of each member is no more as it was; ends with 1 where there is such a thing. */
export async function compare(c: Command, o: Options, data: Buffer, base: string): Promise<number> {
  const found = new Set<string>()
  const differs = async (name: string, what: string): Promise<void> => {
    await c.print(`${name}: ${what} differs\n`)
    c.status ||= 1
  }
  for (const member of members(data)) {
    const wanted = o.operands.find((operand) => isNamed(member.name, operand))
    if (o.operands.length > 0 && wanted === undefined) continue
    if (wanted !== undefined) found.add(wanted)
    if (o.has('v')) await c.print(`${member.name}\n`)
    const name = member.name.replace(/\/$/, '')
    const path = name.startsWith('/') ? name : `${base}/${name}`
    let stat
    try {
      stat = c.fs.lstat(path)
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
      await c.task.writeError(`tar: ${name}: Warning: Cannot stat: ${error.message}\n`)
      c.status ||= 1
      continue
    }
    const type = { '5': 'directory', '2': 'symlink', '6': 'fifo' }[member.type] ?? 'file'
    if (stat.type !== type) {
      await c.print(`${name}: File type differs\n`)
      c.status ||= 1
      continue
    }
    if (type === 'symlink') {
      if (c.fs.readlink(path) !== member.link) await differs(name, 'Symlink')
      continue
    }
    if (stat.mode !== member.mode) await differs(name, 'Mode')
    if (type === 'directory' || member.type === '1') continue
    if (stat.uid !== member.uid) await differs(name, 'Uid')
    if (stat.gid !== member.gid) await differs(name, 'Gid')
    if (Math.floor(stat.mtime / 1000) * 1000 !== member.mtime) await differs(name, 'Mod time')
    if (stat.size !== member.data.length) await differs(name, 'Size')
    else if (!Buffer.from(c.fs.readFile(path)).equals(member.data)) await differs(name, 'Contents')
  }
  for (const operand of o.operands) if (!found.has(operand)) await c.warn(`${operand}: Not found in archive`, 2)
  return end(c)
}

/** Puts the members of other archives behind those of one. */
export async function concatenate(c: Command, o: Options, file: string | undefined): Promise<number> {
  const parts = file !== undefined && file !== '-' && !c.fs.exists(file) ? [] : [withoutEnd(open(c, file))]
  for (const other of o.operands) parts.push(withoutEnd(open(c, other)))
  c.fs.writeFile(file!, whole(parts))
  return end(c)
}

/** Takes members out of an archive. */
export async function remove(c: Command, o: Options, file: string | undefined): Promise<number> {
  const data = open(c, file)
  const found = new Set<string>()
  const kept: Buffer[] = []
  for (const member of members(data)) {
    const named = o.operands.find((operand) => isNamed(member.name, operand))
    if (named === undefined) kept.push(data.subarray(member.from, member.to))
    else found.add(named)
  }
  for (const operand of o.operands) if (!found.has(operand)) await c.warn(`${operand}: Not found in archive`, 2)
  c.fs.writeFile(file!, whole(kept))
  return end(c)
}
