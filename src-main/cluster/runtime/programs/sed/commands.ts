/** Commands that a script of sed has run: `e`, and the flag of `s` by that letter. */
import { makePipe } from '../../pipe.js'
import { Handle } from '../../open-file.js'
import type { Command } from '../command.js'
import { readAll } from '../reading.js'

/** What a line prints on its standard output when a shell runs it; each character is a byte. */
export async function commandOutput(c: Command, line: string): Promise<string> {
  const { reader, writer } = makePipe()
  writer.retain()
  reader.retain()
  const child = await c.task.spawn({
    argv: ['/bin/sh', '-c', Buffer.from(line, 'latin1').toString('utf8')],
    fds: new Map([[1, new Handle(writer, c.task)]]),
  })
  writer.release()
  const output = await readAll(new Handle(reader, c.task))
  reader.release()
  await child.wait()
  return output.toString('latin1')
}
