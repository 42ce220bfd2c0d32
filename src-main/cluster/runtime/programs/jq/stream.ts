/** JSON texts from a file, each as soon as it is there: jq answers a stream that has not ended. */
import { StringDecoder } from 'node:string_decoder'
import type { OpenFile } from '../../process.js'
import type { Command } from '../command.js'
import { JsonError, JsonReader, type Json, type Position } from './json.js'

/** A value, and how many lines of its file had been read when it ended. */
export interface Read {
  value: Json
  lines: number
}

/** CPU ms of one character that is parsed. */
const CHARACTER_COST = 0.00001
/** An unfinished text shorter than this is looked at again whenever there is more of it; a longer one when it has doubled. */
const SHORT = 65_536

/** The values of a file one after the other. Throws {@link JsonError}, ENOMEM for one that is too large. */
export async function* readJson(c: Command, file: OpenFile): AsyncGenerator<Read> {
  const decoder = new StringDecoder('utf8')
  let start: Position = { newlines: 0, column: 0 }
  /** What is not parsed yet. */
  let pieces: string[] = []
  let length = 0
  let worthwhile = 0
  for (let ended = false; !ended;) {
    const data = await file.read(65_536)
    ended = data.length === 0
    const piece = ended ? decoder.end() : decoder.write(Buffer.from(data))
    c.task.hold(piece.length)
    pieces.push(piece)
    length += piece.length
    if (!ended && length < worthwhile) continue
    const text = pieces.join('')
    const reader = new JsonReader(text, start)
    let done = 0
    for (let value = nextOf(reader, text, ended); value !== undefined; value = nextOf(reader, text, ended)) {
      await c.work((reader.read - done) * CHARACTER_COST)
      done = reader.read
      yield { value, lines: reader.lines }
    }
    await c.work((text.length - done) * CHARACTER_COST)
    start = reader.position(done)
    pieces = [text.slice(done)]
    c.task.hold(-done)
    length = text.length - done
    worthwhile = length < SHORT ? 0 : length * 2
  }
}

/** The next value that is complete, whatever follows. undefined when there is none yet. */
function nextOf(reader: JsonReader, text: string, ended: boolean): Json | undefined {
  try {
    const value = reader.next()
    // A number or a word that touches the end may go on.
    const complete = ended || reader.read < text.length || typeof value === 'string' || (typeof value === 'object' && value !== null)
    return complete ? value : undefined
  } catch (error) {
    if (ended || !(error instanceof JsonError) || !error.unfinished) throw error
    return undefined
  }
}
