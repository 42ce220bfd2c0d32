/** agnhost port-forward-tester: takes one connection, checks what it hears, answers in chunks, and ends. */
import type { Connection } from '../../../network/network.js'
import type { Process } from '../../process.js'
import { isAddressInUse, Latch, listenInProcess } from '../server-process.js'

/** How long the connection stays half open after the last chunk, cluster ms. */
const LINGER = 500

/** Exit codes: 1 bad settings, 2 too little data, 3 other data than EXPECTED_CLIENT_DATA. */
export async function portForwardTester(process: Process): Promise<number> {
  const { env } = process
  const accepted = new Latch<Connection>()
  const address = env['BIND_ADDRESS'] || 'localhost'
  try {
    listenInProcess(
      process,
      Number(env['BIND_PORT']),
      (connection) => accepted.open(connection),
      address === 'localhost' ? '127.0.0.1' : address,
    )
  } catch (error) {
    if (!isAddressInUse(error)) throw error
    await process.write(`Error listening: listen tcp ${address}:${env['BIND_PORT']}: bind: address already in use\n`)
    return 1
  }
  const connection = await accepted.wait(process)
  await process.write('Accepted client connection\n')
  const expected = env['EXPECTED_CLIENT_DATA'] ?? ''
  if (expected) {
    const heard = await firstBytes(connection, Buffer.byteLength(expected))
    if (heard.length !== Buffer.byteLength(expected)) {
      const ended = heard.length === 0 ? 'EOF' : '<nil>'
      await process.write(
        `Expected to read ${Buffer.byteLength(expected)} bytes from client, but got ${heard.length} instead. err=${ended}\n`,
      )
      return 2
    }
    if (heard.toString() !== expected) {
      await process.write(`Expect to read ${JSON.stringify(expected)}, but got ${JSON.stringify(heard.toString())}. err=<nil>\n`)
      return 3
    }
    await process.write('Received expected client data\n')
  }
  const settings: number[] = []
  for (const name of ['CHUNKS', 'CHUNK_SIZE', 'CHUNK_INTERVAL']) {
    const text = env[name] ?? ''
    if (!/^-?\d+$/.test(text)) {
      await process.write(`Error parsing ${name} ${JSON.stringify(text)}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax\n`)
      return 1
    }
    settings.push(Number(text))
  }
  const [chunks, size, interval] = settings as [number, number, number]
  for (let i = 0; i < chunks; i++) {
    connection.write('x'.repeat(size))
    if (i + 1 < chunks) await process.sleep(interval)
  }
  await process.write('Shutting down connection\n')
  connection.end()
  await process.sleep(LINGER)
  connection.destroy()
  await process.write('Done\n')
  return 0
}

/** The first bytes that arrive, as one read gives them; less when there are no more. */
function firstBytes(connection: Connection, count: number): Promise<Buffer> {
  return new Promise((resolve) => {
    let heard = Buffer.alloc(0)
    connection.on('data', (data: Buffer) => {
      heard = Buffer.concat([heard, data])
      if (heard.length >= count) resolve(heard.subarray(0, count))
    })
    connection.once('end', () => resolve(heard))
    connection.once('error', () => resolve(heard))
  })
}
