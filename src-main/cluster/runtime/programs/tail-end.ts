/** The last lines or bytes of a file: no more is kept of it than may have to be printed. */
import type { OpenFile } from '../process.js'
import { hold } from './reading.js'

/** Which part of a file is wanted. */
export interface TailPart {
  /** How many; `fromStart`: from which one on. */
  n: number
  bytes: boolean
  fromStart: boolean
  /** The byte that ends a line. */
  end: number
}

interface Piece {
  data: Uint8Array
  /** Lines that end in it, or its bytes. */
  units: number
}

/**
 * Prints the wanted part of what is left of a file.
 *
 * @returns how many bytes the file had
 */
export async function printTail(file: OpenFile, part: TailPart, print: (data: Uint8Array) => Promise<void>): Promise<number> {
  return part.fromStart ? printFrom(file, part, print) : printLast(file, part, print)
}

async function printFrom(file: OpenFile, part: TailPart, print: (data: Uint8Array) => Promise<void>): Promise<number> {
  let skip = Math.max(0, part.n - 1)
  let size = 0
  for (let data = await file.read(65_536); data.length > 0; data = await file.read(65_536)) {
    size += data.length
    const units = unitsOf(data, part)
    const from = skip === 0 ? 0 : skip > units ? data.length : endOfUnit(data, skip, part)
    skip = Math.max(0, skip - units)
    if (from < data.length) await print(data.subarray(from))
  }
  return size
}

async function printLast(file: OpenFile, part: TailPart, print: (data: Uint8Array) => Promise<void>): Promise<number> {
  const pieces: Piece[] = []
  let units = 0
  let size = 0
  for (let data = await file.read(65_536); data.length > 0; data = await file.read(65_536)) {
    size += data.length
    pieces.push({ data, units: unitsOf(data, part) })
    units += pieces.at(-1)!.units
    hold(file, data.length)
    // The last line may lack its end, so that one more counts.
    while (units - pieces[0]!.units > part.n) {
      const first = pieces.shift()!
      units -= first.units
      hold(file, -first.data.length)
    }
  }
  if (part.n === 0) return size
  const open = !part.bytes && size > 0 && pieces.at(-1)!.data.at(-1) !== part.end ? 1 : 0
  let skip = Math.max(0, units + open - part.n)
  for (const { data, units: mine } of pieces) {
    const from = skip === 0 ? 0 : skip > mine ? data.length : endOfUnit(data, skip, part)
    skip = Math.max(0, skip - mine)
    if (from < data.length) await print(data.subarray(from))
  }
  return size
}

function unitsOf(data: Uint8Array, part: TailPart): number {
  if (part.bytes) return data.length
  let lines = 0
  for (let at = data.indexOf(part.end); at >= 0; at = data.indexOf(part.end, at + 1)) lines++
  return lines
}

/** Where the `n`th unit of a piece ends; it has so many. */
function endOfUnit(data: Uint8Array, n: number, part: TailPart): number {
  if (part.bytes) return n
  let at = -1
  for (let i = 0; i < n; i++) at = data.indexOf(part.end, at + 1)
  return at + 1
}
