/** The lines of a byte stream. */

/** Yields each line without its newline, the last one even if it has none; throws what the stream throws. */
export async function* lines(stream: AsyncIterable<unknown>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const part of stream) {
    const text = rest + decoder.decode(part as Uint8Array, { stream: true })
    let from = 0
    for (let to = text.indexOf('\n', from); to >= 0; to = text.indexOf('\n', from)) {
      if (to > from) yield text.slice(from, to)
      from = to + 1
    }
    rest = text.slice(from)
  }
  rest += decoder.decode()
  if (rest) yield rest
}
