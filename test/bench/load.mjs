// A load generator that costs the machine little: what it measures is the server, where both share two cores.
import tls from 'node:tls'

const HEAD_END = Buffer.from('\r\n\r\n')

/** One request as bytes of HTTP/1.1. */
export function requestText(method, path, body, type = 'application/json') {
  const head = `${method} ${path} HTTP/1.1\r\nhost: localhost\r\n`
  if (body === undefined) return `${head}\r\n`
  const text = JSON.stringify(body)
  return `${head}content-type: ${type}\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`
}

/** A connection over TLS with `options` of tls.connect: a function that sends a request and gives the body of its answer. */
async function connect(options) {
  const socket = await new Promise((resolve, reject) => {
    const opening = tls.connect(options, () => resolve(opening))
    opening.once('error', reject)
  })
  socket.setNoDelay(true)
  let answered
  let parts = []
  let received = 0
  let bodyAt = 0
  let end = 0
  socket.on('data', (data) => {
    parts.push(data)
    received += data.length
    if (end === 0) {
      const all = parts.length > 1 ? Buffer.concat(parts) : data
      parts = [all]
      const headEnd = all.indexOf(HEAD_END)
      if (headEnd < 0) return
      const head = all.latin1Slice(0, headEnd)
      const length = /\r\ncontent-length: (\d+)/i.exec(head)
      if (!head.startsWith('HTTP/1.1 2') || !length) return answered.reject(new Error(all.toString().slice(0, 600)))
      bodyAt = headEnd + HEAD_END.length
      end = bodyAt + Number(length[1])
    }
    if (received < end) return
    const body = (parts.length > 1 ? Buffer.concat(parts) : parts[0]).subarray(bodyAt)
    parts = []
    received = end = 0
    answered.resolve(body)
  })
  socket.on('close', () => answered?.reject(new Error('the server ended the connection')))
  return {
    send: (text) =>
      new Promise((resolve, reject) => {
        answered = { resolve, reject }
        socket.write(text)
      }),
    close: () => socket.destroy(),
  }
}

/** `width` connections to one server. `rate(count, text)` sends the requests `text(0)` to `text(count - 1)`; it gives how many a second. */
export async function openLoad(options, width) {
  const connections = await Promise.all(Array.from({ length: width }, () => connect(options)))
  return {
    rate: async (count, text) => {
      let next = 0
      const began = performance.now()
      await Promise.all(
        connections.map(async ({ send }) => {
          while (next < count) await send(text(next++))
        }),
      )
      return Math.round((count / (performance.now() - began)) * 1000)
    },
    close: () => connections.forEach(({ close }) => close()),
  }
}
