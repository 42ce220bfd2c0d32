/** GNU's wget in a netshoot pod: what it tells of its steps, with the words of 1.21. */
import { beforeEach, expect, test } from 'vitest'
import { Machine, type Box } from './machine.js'

let machine: Machine
let shoot: Box
let web: Box

beforeEach(async () => {
  machine = new Machine()
  web = await machine.run('nginx:1.25')
  shoot = await machine.run('nicolaka/netshoot', { command: ['sleep', '1000000'] })
})

test("GNU's wget asks again as often as -t says, a second later each time, and follows so many redirections", async () => {
  const node = await machine.run('node:20', { command: ['sleep', '1000000'] })
  const script =
    "require('net').createServer((s) => s.on('error', () => {})).listen(8081); require('net').createServer((s) => s.end()).listen(8082); " +
    "require('http').createServer((q, r) => r.writeHead(302, { location: '/again' }).end()).listen(8083)"
  await node.exec('sh', '-c', 'node -e "$0" > /dev/null 2>&1 < /dev/null & sleep 1', script)
  const wget = async (...args: string[]): Promise<string> => {
    const before = machine.clock.now()
    const { stderr, code } = await shoot.exec('wget', ...args)
    const told = stderr.replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, 'NOW').replaceAll(node.ip, 'node')
    return `${told}=> ${code} after ${Math.round((machine.clock.now() - before) / 1000)} s`
  }
  const connecting = 'Connecting to node:8081... connected.\nHTTP request sent, awaiting response... '
  const silence = `${connecting}Read error (Connection timed out) in headers.\n`
  expect(await wget('-T', '2', '-t', '3', `http://${node.ip}:8081/`)).toBe(
    `--NOW--  http://node:8081/\n${silence}Retrying.\n\n--NOW--  (try: 2)  http://node:8081/\n${silence}Retrying.\n\n` +
      `--NOW--  (try: 3)  http://node:8081/\n${silence}Giving up.\n\n=> 4 after 9 s`,
  )
  expect(await wget('-t', '1', `http://${node.ip}:8082/`)).toBe(
    `--NOW--  http://node:8082/\n${connecting.replace('8081', '8082')}No data received.\nGiving up.\n\n=> 4 after 0 s`,
  )
  const refused = 'Connecting to node:9... failed: Connection refused.\n'
  expect(await wget('-t', '2', `http://${node.ip}:9/`)).toBe(`--NOW--  http://node:9/\n${refused}=> 4 after 0 s`)
  expect(await wget('--retry-connrefused', '-t', '2', `http://${node.ip}:9/`)).toBe(
    `--NOW--  http://node:9/\n${refused}Retrying.\n\n--NOW--  (try: 2)  http://node:9/\n${refused}Giving up.\n\n=> 4 after 1 s`,
  )
  const found = `${connecting.replace('8081', '8083')}302 Found\nLocation: /again [following]\n`
  const again = found.replace(/^.*\n/, 'Reusing existing connection to node:8083.\n')
  expect(await wget('--max-redirect=1', '-O', '-', `http://${node.ip}:8083/`)).toBe(
    `--NOW--  http://node:8083/\n${found}--NOW--  http://node:8083/again\n${again}1 redirections exceeded.\n=> 8 after 0 s`,
  )
})

test("GNU's wget tells each step, and how it failed", async () => {
  const wget = async (...args: string[]) => (await shoot.exec('wget', ...args)).stderr.replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, 'NOW')
  const url = `http://${web.ip}`
  const connected = `Connecting to ${web.ip}:80... connected.\nHTTP request sent, awaiting response... `
  expect(await wget('-O', '/dev/null', url)).toBe(
    `--NOW--  ${url}/\n${connected}200 OK\nLength: 615 [text/html]\nSaving to: '/dev/null'\n\n` +
      `     0K                                                       100% 1.00M=0s\n\nNOW (1.00 MB/s) - '/dev/null' saved [615/615]\n\n`,
  )
  expect(await wget('-nvO', '/dev/null', url)).toBe(`NOW URL:${url}/ [615/615] -> "/dev/null" [1]\n`)
  expect(await wget(`${url}/none`)).toBe(`--NOW--  ${url}/none\n${connected}404 Not Found\nNOW ERROR 404: Not Found.\n\n`)
  expect(await wget('--spider', url)).toBe(
    `Spider mode enabled. Check if remote file exists.\n--NOW--  ${url}/\n${connected}200 OK\nLength: 615 [text/html]\n` +
      'Remote file exists and could contain further links,\nbut recursion is disabled -- not retrieving.\n\n',
  )
  expect(await wget(`${url}:81`)).toBe(`--NOW--  ${url}:81/\nConnecting to ${web.ip}:81... failed: Connection refused.\n`)
  expect(await wget('-O', '/nosuch/x', url)).toBe('/nosuch/x: No such file or directory\n')
  expect(await wget(`https://${web.ip}:80`)).toBe(
    `--NOW--  https://${web.ip}:80/\nConnecting to ${web.ip}:80... connected.\nGnuTLS: An unexpected TLS packet was received.\nUnable to establish SSL connection.\n`,
  )
})
