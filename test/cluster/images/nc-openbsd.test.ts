/** OpenBSD's nc in a netshoot pod: words and ways as Debian's netcat-openbsd 1.219 has them. */
import { beforeEach, describe, expect, test } from 'vitest'
import { Machine, type Box, type Ended } from './machine.js'

const USAGE = `usage: nc [-46CDdFhklNnrStUuvZz] [-I length] [-i interval] [-M ttl]
\t  [-m minttl] [-O length] [-P proxy_username] [-p source_port]
\t  [-q seconds] [-s sourceaddr] [-T keyword] [-V rtable] [-W recvlimit]
\t  [-w timeout] [-X proxy_protocol] [-x proxy_address[:port]]
\t  [destination] [port]
`

let machine: Machine
let shoot: Box
let server: Box
const sh = (script: string): Promise<Ended> => shoot.exec('bash', '-c', script)

/** What a server of node does with each connection `s`. */
async function serve(port: number, body: string): Promise<void> {
  const script = `require('net').createServer({ allowHalfOpen: true }, (s) => { s.on('error', () => {}); ${body} }).listen(${port})`
  await server.exec('sh', '-c', 'node -e "$0" > /dev/null 2>&1 < /dev/null & sleep 1', script)
}

beforeEach(async () => {
  machine = new Machine()
  shoot = await machine.run('nicolaka/netshoot', { command: ['sleep', '1000000'] })
  server = await machine.run('node:20', { command: ['sleep', '1000000'] })
})

describe('what is wrong with the options is told', () => {
  test.each([
    ['', USAGE],
    ['-e sh 127.0.0.1 1', `nc: invalid option -- 'e'\n${USAGE}`],
    ['--help', `nc: invalid option -- '-'\n${USAGE}`],
    ['localhost', 'nc: missing port number\n'],
    ['-l', 'nc: missing port number\n'],
    ['-lz 9', 'nc: cannot use -z and -l\n'],
    ['-k 127.0.0.1 1', 'nc: must use -l with -k\n'],
    ['-l -s 127.0.0.1 9000', USAGE],
    ['-lp 9000 9001', USAGE],
    ['-s 1.2.3.4 127.0.0.1 1', 'nc: bind failed: Cannot assign requested address\n'],
    ['-s nope 127.0.0.1 1', 'nc: getaddrinfo: Name or service not known\n'],
    ['-i x 127.0.0.1 1', 'nc: interval invalid: x\n'],
    ['-w x 127.0.0.1 1', 'nc: timeout invalid: x\n'],
    ['-q x 127.0.0.1 1', 'nc: quit timer invalid: x\n'],
    ['-T foo 127.0.0.1 1', 'nc: illegal tos value foo\n'],
    ['-X foo 127.0.0.1 1', 'nc: unsupported proxy protocol\n'],
    ['-V 1 127.0.0.1 1', 'nc: no alternate routing table support available\n'],
    ['-I x 127.0.0.1 1', 'nc: TCP receive window invalid: x\n'],
    ['-O -1 127.0.0.1 1', 'nc: TCP send window too small: -1\n'],
    ['-M 300 127.0.0.1 1', 'nc: ttl is too large\n'],
    ['-m 300 127.0.0.1 1', 'nc: minttl is too large\n'],
    ['-W 0 127.0.0.1 1', 'nc: receive limit too small: 0\n'],
    ['-zv 127.0.0.1 99999', 'nc: port number too large: 99999\n'],
    ['-zv 127.0.0.1 abcq', 'nc: port number invalid: abcq\n'],
    ['-n -zv localhost 1', 'nc: getaddrinfo for host "localhost" port 1: Name or service not known\n'],
    ['-6 -zv 127.0.0.1 1', 'nc: getaddrinfo for host "127.0.0.1" port 1: Address family for hostname not supported\n'],
    ['-u -x 127.0.0.1:1 127.0.0.1 2', 'nc: no proxy support for UDP mode\n'],
    ['-l -x 127.0.0.1:1 8000', 'nc: no proxy support for listen\n'],
    ['127.0.0.1 1', ''],
    ['-T lowdelay -zv 127.0.0.1 http', 'nc: connect to 127.0.0.1 port 80 (tcp) failed: Connection refused\n'],
  ])('nc %s', async (args, message) => {
    expect(await sh(`nc ${args}`)).toEqual({ stdout: '', stderr: message, code: 1 })
  })
})

describe('the end of standard input', () => {
  const took = async (command: string): Promise<[string, string, number]> => {
    const before = machine.clock.now()
    const { stdout, code } = await sh(`${command}; exit $?`)
    return [`${((machine.clock.now() - before) / 1000).toFixed(0)} s`, stdout, code]
  }

  beforeEach(() => serve(9102, `s.on('data', (d) => s.write(d)); s.on('end', () => s.end())`))

  test('is told to the other side with -N', async () => {
    expect(await took(`echo x | timeout 6 nc -N ${server.ip} 9102`)).toEqual(['0 s', 'x\n', 0])
  })

  test('leaves the connection open without it', async () => {
    expect(await took(`echo x | timeout 6 nc ${server.ip} 9102; echo $?`)).toEqual(['6 s', 'x\n143\n', 0])
  })

  test('is waited for so long with -q, and silence with -w', async () => {
    expect(await took(`(echo x; sleep 3) | nc -q 2 ${server.ip} 9102`)).toEqual(['3 s', 'x\n', 0])
    expect(await took(`echo x | nc -w 4 ${server.ip} 9102`)).toEqual(['4 s', 'x\n', 0])
  })

  test('comes at once with -d', async () => {
    await serve(9101, `s.end('hi\\n')`)
    expect(await took(`sleep 5 | nc -d ${server.ip} 9101`)).toEqual(['5 s', 'hi\n', 0])
    expect(await took(`nc -d ${server.ip} 9101 < /dev/zero`)).toEqual(['0 s', 'hi\n', 0])
  })

  test('is waited for where the other side ended first', async () => {
    await serve(9101, `s.end('hi\\n')`)
    expect(await took(`sleep 3 | nc ${server.ip} 9101`)).toEqual(['3 s', 'hi\n', 0])
  })
})

test('-i waits before each line, -C ends lines with CR LF, -W counts what arrives', async () => {
  await serve(9102, `s.on('data', (d) => s.write(d)); s.on('end', () => s.end())`)
  const before = machine.clock.now()
  expect((await sh(`printf 'a\\nb\\n' | nc -N -i 2 ${server.ip} 9102`)).stdout).toBe('a\nb\n')
  expect(Math.round((machine.clock.now() - before) / 1000)).toBe(4)
  expect((await sh(`printf 'a\\nb\\n' | nc -N -C ${server.ip} 9102 | od -An -c`)).stdout).toBe('   a  \\r  \\n   b  \\r  \\n\n')
  expect((await sh(`(echo 1; sleep 1; echo 2) | nc -W 1 ${server.ip} 9102`)).stdout).toBe('1\n')
})

test('-t declines what a server of telnet asks for', async () => {
  await serve(9107, `s.write(Buffer.from([255, 253, 1, 255, 251, 3])); s.on('data', (d) => s.end(d.toString('hex') + '\\n'))`)
  expect((await sh(`nc -t ${server.ip} 9107 < /dev/null | od -An -tx1`)).stdout.replaceAll(/\s+/g, ' ')).toContain(
    ' ff fd 01 ff fb 03 66 66 66 63 30 31 ',
  )
})

test('a listener on one address hears no other', async () => {
  const { stdout, stderr } = await sh(
    `nc -lkv 127.0.0.1 8080 & sleep 0.1; nc -zv ${shoot.ip} 8080; nc -zv 127.0.0.1 8080 2> /tmp/heard; cat /tmp/heard; kill %1`,
  )
  expect(stderr.replaceAll(/ \d{5}$/gm, ' PORT')).toBe(
    'Listening on 127.0.0.1 8080\n' +
      `nc: connect to ${shoot.ip} port 8080 (tcp) failed: Connection refused\n` +
      'Connection received on 127.0.0.1 PORT\n',
  )
  expect(stdout).toBe('Connection to 127.0.0.1 8080 port [tcp/http-alt] succeeded!\n')
})

describe('a proxy', () => {
  test('that speaks HTTP is asked to connect', async () => {
    await serve(9206, `s.once('data', (d) => s.end('HTTP/1.1 200 OK\\r\\nA: b\\r\\n\\r\\n' + d.toString().split('\\r')[0] + '\\n'))`)
    expect(await sh(`nc -v -X connect -x ${server.ip}:9206 web 80 < /dev/null`)).toEqual({
      stdout: 'CONNECT web:80 HTTP/1.0\n',
      stderr: 'Connection to web 80 port [tcp/http] succeeded!\n',
      code: 0,
    })
  })

  test.each([
    ['connect', `s.write('HTTP/1.1 403 Forbidden\\r\\n\\r\\n')`, 'Proxy error: "HTTP/1.1 403 Forbidden"'],
    ['5', `s.write(Buffer.from([5, 255]))`, 'authentication method negotiation failed'],
    [
      '5',
      `s.write(Buffer.from([5, 0])); s.once('data', () => s.write(Buffer.from([5, 5, 0, 1, 0, 0, 0, 0, 0, 0])))`,
      'connection failed, SOCKSv5 error: Connection refused',
    ],
    ['4', `s.write(Buffer.from([0, 91, 0, 0, 0, 0, 0, 0]))`, 'connection failed, SOCKSv4 error: Request rejected or failed'],
    ['connect', `s.end()`, 'proxy read: Broken pipe'],
  ])('-X %s that answers %s refuses', async (protocol, answer, message) => {
    await serve(9201, `s.once('data', () => { ${answer} })`)
    expect(await sh(`nc -X ${protocol} -x ${server.ip}:9201 127.0.0.1 80`)).toEqual({ stdout: '', stderr: `nc: ${message}\n`, code: 1 })
  })
})
