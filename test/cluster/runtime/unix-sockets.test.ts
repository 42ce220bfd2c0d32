/** Sockets that are files: programs of a pod that talk over them, in one container or over a volume that two have. */
import { beforeEach, expect, test } from 'vitest'
import { Machine, type Box } from '../images/machine.js'

let shoot: Box
const sh = (script: string): ReturnType<Box['exec']> => shoot.exec('bash', '-c', script)

beforeEach(async () => {
  shoot = await new Machine().run('nicolaka/netshoot', { command: ['sleep', '1000000'] })
})

const SERVE = `SYSTEM:'printf "HTTP/1.1 200 OK\\r\\nContent-Length: 3\\r\\nConnection: close\\r\\n\\r\\nhi\\n"'`

test('curl asks a server behind one, as that of a container engine is asked', async () => {
  const { stdout, stderr } = await sh(
    `socat UNIX-LISTEN:/tmp/api.sock,fork ${SERVE} & sleep 1; curl -s --unix-socket /tmp/api.sock http://localhost/v1/ping; curl -sv --unix-socket /tmp/api.sock http://localhost/ 2>&1 >/dev/null | head -2; kill %1`,
  )
  expect([stdout, stderr]).toEqual(['hi\n*   Trying /tmp/api.sock:0...\n* Connected to localhost (/tmp/api.sock) port 0\n', ''])
})

test('where there is none, or nobody listens, programs say so in their words', async () => {
  const { stdout } = await sh(`cd /tmp
curl -s -S --unix-socket /tmp/none http://localhost/ 2>&1
nc -U /tmp/none 2>&1
(timeout 1 nc -lU left; test -S left && ls -lF left | cut -c1-10; nc -U left; touch plain; nc -U plain; nc -lU left; cat left) 2>&1
socat - UNIX-CONNECT:/tmp/left 2>&1 | cut -d' ' -f4-`)
  expect(stdout).toBe(`curl: (7) Failed to connect to localhost port 80 after 0 ms: Could not connect to server
nc: /tmp/none: No such file or directory
srwxr-xr-x
nc: left: Connection refused
nc: plain: Connection refused
nc: Address already in use
cat: can't open 'left': No such device or address
E connect(5, AF=1 "/tmp/left", 12): Connection refused
`)
})

test('nc talks over one both ways, and tells with -v', async () => {
  const { stdout } = await sh(
    `cd /tmp; (echo from the server | nc -lvU s 2>told > heard) & sleep 1; echo from the client | nc -NU s; wait; cat heard told; find . -type s; stat -c %F s`,
  )
  expect(stdout).toBe('from the server\nfrom the client\nListening on s\nConnection received on s\n./s\nsocket\n')
})

test('one of socat goes with it; without the right to write to a socket, nobody connects; tar leaves it out', async () => {
  const { stdout } = await sh(`cd /tmp; socat UNIX-LISTEN:s,mode=600,fork PIPE & sleep 1
su -s /bin/sh nobody -c 'echo x | nc -NU /tmp/s' 2>&1
echo heard | socat -t1 - UNIX:/tmp/s
tar cf a.tar s 2>&1; tar tf a.tar
kill %1; sleep 1; ls s 2>&1`)
  expect(stdout).toBe('nc: /tmp/s: Permission denied\nheard\ntar: s: socket ignored\nls: s: No such file or directory\n')
})

test('curl goes to another server than the address says with --connect-to', async () => {
  const { stdout } = await sh(
    `socat TCP-LISTEN:8080,fork ${SERVE} & sleep 1; curl -s --connect-to example.com:80:127.0.0.1:8080 http://example.com/; curl -s --connect-to ::localhost:8080 http://other.example/; kill %1`,
  )
  expect(stdout).toBe('hi\nhi\n')
})
