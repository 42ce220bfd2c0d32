/** curl with file:// URLs and with dots in paths: as the real 7.88 does. */
import { beforeAll, expect, test } from 'vitest'
import { Machine, type Box } from './machine.js'

const machine = new Machine()
let box: Box
beforeAll(async () => {
  box = await machine.run('nginx:1.25', { command: ['sleep', '1000000'] })
  await box.exec('sh', '-c', "printf 'hello file\\n' > /tmp/f; touch -d '2024-01-02 03:04:05 UTC' /tmp/f")
})
const run = async (script: string): Promise<string> => {
  const { stdout, stderr, code } = await box.exec('sh', '-c', script)
  return `${stdout}${stderr}${code === 0 ? '' : `=> ${code}\n`}`.replaceAll('\r', '')
}

test('reads files of the container, whole or in part', async () => {
  const head = 'Content-Length: 11\nAccept-ranges: bytes\nLast-Modified: Tue, 02 Jan 2024 03:04:05 GMT\n'
  expect(await run('curl -s file:///tmp/f')).toBe('hello file\n')
  expect(await run('curl -s file://localhost/tmp/%66')).toBe('hello file\n')
  expect(await run('curl -sI file:///tmp/f; curl -si file:///tmp/f')).toBe(`${head}${head}\nhello file\n`)
  expect(await run('curl -s -r 0-4 file:///tmp/f; echo; curl -s -r -5 file:///tmp/f; curl -s -C 6 file:///tmp/f')).toBe(
    'hello\nfile\nfile\n',
  )
  expect(
    await run(
      "cd /tmp; curl -s -o g file:///tmp/f -w '%{http_code} %{size_download}\\n'; cat g; mkdir o; cd o; curl -sO file:///tmp/f; ls",
    ),
  ).toBe('000 11\nhello file\nf\n')
})

test('says what cannot be read, and writes what is uploaded', async () => {
  expect(await run('curl -sS file:///nosuch')).toBe("curl: (37) Couldn't open file /nosuch\n=> 37\n")
  expect(await run('curl -sS file://host/tmp/f')).toBe('curl: (3) URL using bad/illegal format or missing URL\n=> 3\n')
  expect(await run('curl -sS -C 99 file:///tmp/f')).toBe('curl: (36) failed to resume file:// transfer\n=> 36\n')
  expect(await run('curl -sS --proto =http file:///tmp/f')).toBe('curl: (1) Protocol "file" not supported or disabled in libcurl\n=> 1\n')
  expect(await run('curl -s -T /tmp/f file:///tmp/up; curl -s -a -T /tmp/f file:///tmp/up; cat /tmp/up')).toBe('hello file\nhello file\n')
})

test('takes dots out of a path, unless it is to stay as it is', async () => {
  const server = await machine.run('node:20', {
    command: ['node', '-e', "require('http').createServer((q, r) => r.end(q.url + '\\n')).listen(80)"],
  })
  expect(await run(`curl -s '${server.ip}/a/../b/./c?x=/../y' ${server.ip}/../../e/.. ; curl -s --path-as-is ${server.ip}/a/../b`)).toBe(
    '/b/c?x=/../y\n/\n/a/../b\n',
  )
})
