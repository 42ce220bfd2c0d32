import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import type { ContainerInfo } from '../../../src-main/cluster/runtime/cri.js'
import { containerConfig, debianImage, makeMachine, openTerminal, START } from './machine.js'

describe('a container', () => {
  it('writes its log while its shell loop runs', async () => {
    const m = await makeMachine()
    const id = await m.start({ command: ['sh', '-c', 'while true; do echo hi; sleep 1; done'] })
    await m.clock.advance(2500)
    expect(await m.log(id)).toBe('hi\nhi\nhi\n')
    await m.runtime.stopPodSandbox(m.sandboxId)
    expect(m.runtime.containerInfo(id)).toMatchObject({ state: 'exited', exitCode: 137, reason: 'Error' })
  })

  it('can be entered with a terminal, where a person types', async () => {
    const m = await makeMachine()
    const id = await m.start()
    const t = await openTerminal(m, id)
    expect(t.take()).toBe('/ # ')
    expect(await t.type('echo I am $HOSTNAME\r')).toBe('echo I am $HOSTNAME\r\nI am web\r\n/ # ')
    expect(await t.type('exit 3\r')).toBe('exit 3\r\n')
    expect(await t.session.status).toEqual({ code: 3 })
  })

  it('tells its listeners when it starts and how it exits', async () => {
    const m = await makeMachine()
    const seen: ContainerInfo[] = []
    m.runtime.onChange((info) => seen.push(info))
    const id = await m.start({ command: ['sh', '-c', 'sleep 2; exit 7'] })
    await m.clock.advance(2000)
    const { sandboxId } = m
    const user = { uid: 0, gid: 0, groups: [0] }
    expect(seen).toEqual([
      { id, sandboxId, name: 'main', state: 'running', createdAt: START, startedAt: START, user },
      {
        id,
        sandboxId,
        name: 'main',
        state: 'exited',
        createdAt: START,
        startedAt: START,
        user,
        finishedAt: START + 2000,
        exitCode: 7,
        reason: 'Error',
      },
    ])
  })

  it('ignores SIGTERM as PID 1 without a handler, and is killed when the grace is over', async () => {
    const m = await makeMachine()
    const id = await m.start({ command: ['sleep', '1000'] })
    const stopped = m.runtime.stopContainer(id, 30)
    await m.clock.advance(29_000)
    expect(m.runtime.containerInfo(id)?.state).toBe('running')
    await m.clock.advance(1000)
    await stopped
    expect(m.runtime.containerInfo(id)).toMatchObject({ exitCode: 137, finishedAt: START + 30_000 })
  })

  it('stops at once when its shell traps SIGTERM', async () => {
    const m = await makeMachine()
    const id = await m.start({ command: ['sh', '-c', 'trap "echo bye; exit 0" TERM; while :; do sleep 1; done'] })
    const stopped = m.runtime.stopContainer(id, 30)
    await m.clock.advance(1000)
    await stopped
    expect(await m.log(id)).toBe('bye\n')
    expect(m.runtime.containerInfo(id)).toMatchObject({ exitCode: 0, reason: 'Completed', finishedAt: START + 1000 })
  })

  it('cannot be killed from inside, and its end takes everything else with it', async () => {
    const m = await makeMachine()
    const id = await m.start({ command: ['sleep', '1000'] })
    expect(await m.exec(id, ['kill', '-9', '1'])).toEqual({ stdout: '', stderr: '', code: 0 })
    const exec = await m.runtime.exec(id, { command: ['sleep', '500'], stdin: false, stdout: true, stderr: true, tty: false })
    await m.runtime.removeContainer(id)
    expect(await exec.status).toEqual({ code: 137 })
  })

  it('lets PID 1 adopt orphans: a shell reaps them, a program that does not leaves zombies', async () => {
    const m = await makeMachine()
    const id = await m.start({ command: ['sleep', '1000'] })
    // What runs in the background holds the output open: the exec ends with it.
    await m.exec(id, ['sh', '-c', 'sleep 1 & exit 0'], { ms: 1500 })
    expect((await m.exec(id, ['ps'])).stdout).toContain('[sleep]\n')
    const shell = await m.start({ command: ['sh', '-c', 'while :; do sleep 1; done'], name: 'shell' })
    await m.exec(shell, ['sh', '-c', 'sleep 1 & exit 0'], { ms: 2500 })
    expect((await m.exec(shell, ['ps'])).stdout).not.toContain('[sleep]')
  })

  it('is killed with everything in it when its memory goes above the limit', async () => {
    const hog = {
      size: 1,
      files: () => ({
        '/hog': {
          program: async (p: { setMemory(n: number): void; sleep(ms: number): Promise<void> }): Promise<number> => {
            await p.sleep(1000)
            p.setMemory(200 * 1024 * 1024)
            await p.sleep(1000)
            return 0
          },
        },
      }),
    }
    const m = await makeMachine({ images: { hog } })
    const id = await m.start({ image: 'hog', command: ['/hog'], memoryLimit: 100 * 1024 * 1024 })
    await m.clock.advance(3000)
    expect(m.runtime.containerInfo(id)).toMatchObject({ exitCode: 137, reason: 'OOMKilled', finishedAt: START + 1000 })
  })

  it('gets the CPU time that its limit allows', async () => {
    const busy = {
      size: 1,
      files: () => ({
        '/busy': { program: async (p: { compute(ms: number): Promise<void> }): Promise<number> => (await p.compute(1000), 0) },
      }),
    }
    const m = await makeMachine({ images: { busy } })
    const id = await m.start({ image: 'busy', command: ['/busy'], cpuLimit: 250 })
    await m.clock.advance(2000)
    expect(m.runtime.containerStats(id)?.cpuNanos).toBe(500_000_000)
    await m.clock.advance(2000)
    expect(m.runtime.containerInfo(id)).toMatchObject({ exitCode: 0, finishedAt: START + 4000 })
  })

  it.each([
    ['zero', 22],
    ['urandom', 48],
  ])('pays for the bytes that it reads and writes: 10 MiB of /dev/%s', async (device, ms) => {
    const m = await makeMachine()
    const id = await m.start({ command: ['head', '-c', '10m', `/dev/${device}`] })
    await m.clock.advance(1000)
    expect(m.runtime.containerInfo(id)!.exitCode).toBe(0)
    expect(Math.round(m.runtime.containerStats(id)!.cpuNanos / 1e6)).toBe(ms)
  })

  it('uses one core while a shell loop never rests', async () => {
    const m = await makeMachine()
    const id = await m.start({ command: ['sh', '-c', 'while :; do :; done'] })
    await m.clock.advance(60_000)
    expect(m.runtime.containerStats(id)!.cpuNanos / 1e9).toBeGreaterThan(59)
    expect(m.runtime.containerStats(id)!.cpuNanos / 1e9).toBeLessThanOrEqual(60.01)
  })

  it('survives a fork bomb', async () => {
    const m = await makeMachine({ pidLimit: 50 })
    const id = await m.start()
    const bomb = await m.runtime.exec(id, {
      command: ['sh', '-c', 'f() { f | f & }; f; sleep 1'],
      stdin: false,
      stdout: true,
      stderr: true,
      tty: false,
    })
    bomb.stdout!.resume()
    const errors = text(bomb.stderr!)
    await m.clock.advance(2000)
    bomb.close()
    await m.runtime.removeContainer(id)
    expect(await errors).toContain("sh: can't fork: Resource temporarily unavailable\n")
  })

  it('tells why it could not start, in the words of the runtime', async () => {
    const m = await makeMachine()
    const start = async (command: string[]): Promise<[string, ContainerInfo]> => {
      const id = await m.runtime.createContainer(m.sandboxId, containerConfig({ command }))
      const message = await m.runtime.startContainer(id).then(
        () => '',
        (e: Error) => e.message,
      )
      return [message.replace(/^.*error during container init: /, ''), m.runtime.containerInfo(id)!]
    }
    const [message, info] = await start(['foo'])
    expect(message).toBe('exec: "foo": executable file not found in $PATH: unknown')
    expect(info).toMatchObject({ state: 'exited', exitCode: 128, reason: 'StartError' })
    expect((await start(['/foo']))[0]).toBe('exec: "/foo": stat /foo: no such file or directory: unknown')
    expect((await start(['/etc/passwd']))[0]).toBe('exec: "/etc/passwd": permission denied: unknown')
    expect((await start(['/etc']))[0]).toBe('exec: "/etc": is a directory: unknown')
  })

  it('leaves a termination message, or the end of its log', async () => {
    const m = await makeMachine()
    const written = await m.start({ command: ['sh', '-c', 'echo out; echo why > /dev/termination-log; exit 1'] })
    const fallback = await m.start({
      command: ['sh', '-c', 'echo it broke >&2; exit 1'],
      terminationMessagePolicy: 'FallbackToLogsOnError',
    })
    await m.clock.settle()
    expect(m.runtime.containerInfo(written)?.message).toBe('why\n')
    expect(m.runtime.containerInfo(fallback)?.message).toBe('it broke\n')
  })

  it('follows the rules of command, args, entrypoint and cmd', async () => {
    const m = await makeMachine({
      images: {
        said: {
          size: 1,
          entrypoint: ['/bin/echo', 'entry'],
          cmd: ['cmd'],
          files: () => ({ '/bin/echo': { program: async (p) => (await p.write(`${p.argv.slice(1).join(' ')}\n`), 0) } }),
        },
      },
    })
    const say = async (config: { command?: string[]; args?: string[] }): Promise<string> => {
      const id = await m.start({ image: 'said', command: undefined, ...config })
      return m.log(id)
    }
    expect(await say({})).toBe('entry cmd\n')
    expect(await say({ args: ['arg'] })).toBe('entry arg\n')
    expect(await say({ command: ['/bin/echo', 'command'] })).toBe('command\n')
    expect(await say({ command: ['/bin/echo', 'command'], args: ['arg'] })).toBe('command arg\n')
  })

  it('runs as the user that the pod asks for', async () => {
    const m = await makeMachine()
    const id = await m.start({ command: ['sleep', '100'], user: 1000, group: 3000, supplementalGroups: [2000] })
    expect((await m.exec(id, ['id'])).stdout).toBe('uid=1000 gid=3000 groups=2000,3000\n')
    expect(await m.exec(id, ['sh', '-c', 'echo x > /etc/passwd'])).toEqual({
      stdout: '',
      stderr: "sh: can't create /etc/passwd: Permission denied\n",
      code: 1,
    })
    expect((await m.exec(id, ['sh', '-c', 'whoami; echo $HOME'])).stdout).toBe('/\n')
  })
})

describe('exec', () => {
  it('separates the streams, passes standard input and returns the exit code', async () => {
    const m = await makeMachine()
    const id = await m.start()
    expect(await m.exec(id, ['sh', '-c', 'cat; echo err >&2; exit 5'], { stdin: 'given' })).toEqual({
      stdout: 'given',
      stderr: 'err\n',
      code: 5,
    })
  })

  it('ends when all writers have gone: what a program leaves open is closed with it', async () => {
    const m = await makeMachine()
    const id = await m.start()
    expect(await m.exec(id, ['sh', '-c', 'echo twice | tee /dev/fd/1; echo done'])).toEqual({
      stdout: 'twice\ntwice\ndone\n',
      stderr: '',
      code: 0,
    })
  })

  it('says that a command is not there', async () => {
    const m = await makeMachine()
    const id = await m.start()
    const session = await m.runtime.exec(id, { command: ['bash'], stdin: false, stdout: true, stderr: true, tty: false })
    await expect(session.status).rejects.toThrow(
      /^failed to exec in container: failed to start exec "[0-9a-f]{64}": OCI runtime exec failed: exec failed: unable to start container process: exec: "bash": executable file not found in \$PATH: unknown$/,
    )
  })

  it('runs no command that has no words', async () => {
    const m = await makeMachine()
    const id = await m.start()
    const session = await m.runtime.exec(id, { command: [], stdin: false, stdout: true, stderr: true, tty: false })
    await expect(session.status).rejects.toThrow(
      /^failed to exec in container: failed to start exec "[0-9a-f]{64}": OCI runtime exec failed: exec failed: args must not be empty: unknown$/,
    )
  })

  it('streams output as it comes', async () => {
    const m = await makeMachine()
    const id = await m.start()
    const session = await m.runtime.exec(id, {
      command: ['sh', '-c', 'for i in 1 2 3; do echo $i; sleep 1; done'],
      stdin: false,
      stdout: true,
      stderr: true,
      tty: false,
    })
    const seen: string[] = []
    session.stdout!.on('data', (d: Buffer) => seen.push(`${(m.clock.now() - START) / 1000}: ${d.toString().trim()}`))
    await m.clock.advance(5000)
    expect(seen).toEqual(['0: 1', '1: 2', '2: 3'])
  })

  it('carries many at once and large data', async () => {
    const m = await makeMachine()
    const id = await m.start()
    const many = await Promise.all(Array.from({ length: 100 }, (_, i) => m.exec(id, ['sh', '-c', `echo ${i} | cat`])))
    expect(many.map((r) => r.stdout)).toEqual(Array.from({ length: 100 }, (_, i) => `${i}\n`))
    const big = 'x'.repeat(3_000_000)
    expect((await m.exec(id, ['sh', '-c', 'cat | wc -c'], { stdin: big, ms: 10_000 })).stdout).toBe('3000000\n')
  })

  it('passes a directory by tar, as kubectl cp does', async () => {
    const m = await makeMachine()
    const id = await m.start()
    await m.exec(id, ['sh', '-c', 'mkdir -p /data/sub; echo one > /data/a; echo two > /data/sub/b; ln -s a /data/link'])
    const session = await m.runtime.exec(id, {
      command: ['tar', 'cf', '-', '-C', '/data', '.'],
      stdin: false,
      stdout: true,
      stderr: true,
      tty: false,
    })
    const chunks: Buffer[] = []
    for await (const d of session.stdout!) chunks.push(d as Buffer)
    const back = await m.runtime.exec(id, {
      command: ['sh', '-c', 'mkdir /copy; tar xmf - -C /copy; find /copy | sort; cat /copy/sub/b /copy/link'],
      stdin: true,
      stdout: true,
      stderr: true,
      tty: false,
    })
    back.stdin!.end(Buffer.concat(chunks))
    expect(await text(back.stdout!)).toBe('/copy\n/copy/a\n/copy/link\n/copy/sub\n/copy/sub/b\ntwo\none\n')
  })
})

describe('attach', () => {
  it('joins the output and feeds standard input', async () => {
    const m = await makeMachine()
    const id = await m.start({ command: ['sh', '-c', 'while read x; do echo "got $x"; done'], stdin: true })
    const session = await m.runtime.attach(id, { stdin: true, stdout: true, stderr: true, tty: false })
    session.stdin!.write('one\n')
    await m.clock.settle()
    expect((session.stdout!.read() as Buffer).toString()).toBe('got one\n')
    expect(await m.log(id)).toBe('got one\n')
  })

  it('ends the input of a container that takes it once', async () => {
    const m = await makeMachine()
    const id = await m.start({ command: ['sh', '-c', 'cat; echo end'], stdin: true, stdinOnce: true })
    const session = await m.runtime.attach(id, { stdin: true, stdout: true, stderr: true, tty: false })
    session.stdin!.end('all\n')
    expect(await session.status).toEqual({ code: 0 })
    expect(await m.log(id)).toBe('all\nend\n')
  })

  it("is over when the input of a client ends that is not the end of the process' own; the process stays", async () => {
    const m = await makeMachine()
    const id = await m.start({ command: ['sh', '-c', 'cat; echo end'], stdin: true })
    for (const line of ['one\n', 'two\n']) {
      const session = await m.runtime.attach(id, { stdin: true, stdout: true, stderr: true, tty: false })
      session.stdin!.end(line)
      expect(await session.status).toEqual({ code: 0 })
      await m.clock.settle()
    }
    expect(await m.log(id)).toBe('one\ntwo\n')
  })

  it('is over when the input of a terminal ends and has been answered; the process stays', async () => {
    const m = await makeMachine()
    const id = await m.start({ command: ['sh', '-c', 'stty -echo; while read x; do sleep 1; echo "got $x"; done'], stdin: true, tty: true })
    const attach = () => m.runtime.attach(id, { stdin: true, stdout: true, stderr: false, tty: true })
    const session = await attach()
    session.stdin!.end('one\ntwo\n')
    await m.clock.advance(2000)
    expect(await session.status).toEqual({ code: 0 })
    expect(await text(session.stdout!)).toBe('got one\r\ngot two\r\n')
    const again = await attach()
    again.stdin!.end('three\n')
    await m.clock.advance(1000)
    expect(await text(again.stdout!)).toBe('got three\r\n')
  })
})

describe('logs', () => {
  it('can be cut by lines, time, bytes and stream, and carry time stamps', async () => {
    const m = await makeMachine()
    const id = await m.start({ command: ['sh', '-c', 'for i in 1 2 3; do echo out $i; echo err $i >&2; sleep 10; done'] })
    await m.clock.advance(25_000)
    const log = (options: Parameters<typeof m.runtime.logs>[1]): Promise<string> => text(m.runtime.logs(id, options))
    expect(await log({ tailLines: 2 })).toBe('out 3\nerr 3\n')
    expect(await log({ sinceSeconds: 20 })).toBe('out 2\nerr 2\nout 3\nerr 3\n')
    expect(await log({ sinceTime: '2026-11-21T09:17:15Z' })).toBe('out 3\nerr 3\n')
    expect(await log({ limitBytes: 8 })).toBe('out 1\ner')
    expect(await log({ stream: 'Stderr', timestamps: true, tailLines: 3 })).toBe(
      '2026-11-21T09:17:10.000000000Z err 2\n2026-11-21T09:17:20.000000000Z err 3\n',
    )
  })

  it('follow until the container ends', async () => {
    const m = await makeMachine()
    const id = await m.start({ command: ['sh', '-c', 'echo a; sleep 1; printf b'] })
    const followed = text(m.runtime.logs(id, { follow: true }))
    await m.clock.advance(1000)
    expect(await followed).toBe('a\nb')
  })

  it('keep the newest when they grow too large', async () => {
    const m = await makeMachine({ logLimit: 100_000 })
    const id = await m.start({ command: ['seq', '1', '20000'] })
    await m.clock.advance(1000)
    const lines = (await m.log(id)).trim().split('\n')
    expect(lines.at(-1)).toBe('20000')
    expect(lines.length).toBeLessThan(2000)
    expect(Number(lines[0])).toBe(20_000 - lines.length + 1)
  })
})

describe('files', () => {
  it('are copied on write: containers of one image do not see each other', async () => {
    const m = await makeMachine()
    const a = await m.start()
    const b = await m.start()
    await m.exec(a, ['sh', '-c', 'echo mine >> /etc/group; rm /bin/vi; mkdir /etc/new'])
    expect((await m.exec(a, ['tail', '-1', '/etc/group'])).stdout).toBe('mine\n')
    expect((await m.exec(b, ['sh', '-c', 'tail -1 /etc/group; ls /etc/new; ls /bin/vi'])).stdout).toBe('nogroup:x:65534:\n/bin/vi\n')
  })

  it('of a volume are shared, read-only where asked, and replaced all at once', async () => {
    const m = await makeMachine()
    const volume = m.runtime.createVolume()
    volume.replaceFiles({ key: { data: Buffer.from('one'), mode: 0o644 }, old: { data: Buffer.from('x'), mode: 0o400 } })
    const id = await m.start({
      mounts: [
        { volume, containerPath: '/etc/config', readOnly: true },
        { volume, containerPath: '/one/key', readOnly: false, subPath: 'key' },
      ],
    })
    expect((await m.exec(id, ['cat', '/etc/config/key'])).stdout).toBe('one')
    expect(await m.exec(id, ['touch', '/etc/config/x'])).toEqual({
      stdout: '',
      stderr: 'touch: /etc/config/x: Read-only file system\n',
      code: 1,
    })
    await m.clock.advance(1000)
    volume.replaceFiles({ key: { data: Buffer.from('two'), mode: 0o644 } })
    expect(
      (await m.exec(id, ['sh', '-c', 'cat /etc/config/key; echo; ls -A /etc/config; readlink /etc/config/key; cat /one/key'])).stdout,
    ).toBe('two\n..2026_11_21_09_17_01.000000000\n..data\nkey\n..data/key\none')
  })

  it('stop growing at the size limit of a volume', async () => {
    const m = await makeMachine()
    const id = await m.start({
      mounts: [{ volume: m.runtime.createVolume({ sizeLimit: 1000, medium: 'Memory' }), containerPath: '/cache', readOnly: false }],
    })
    expect(await m.exec(id, ['sh', '-c', 'head -c 900 /dev/zero > /cache/a && head -c 200 /dev/zero > /cache/b'])).toEqual({
      stdout: '',
      stderr: 'head: No space left on device\n',
      code: 1,
    })
  })

  it('cannot be written on a read-only root, but volumes and /dev can', async () => {
    const m = await makeMachine()
    const id = await m.start({
      readOnlyRootFilesystem: true,
      mounts: [{ volume: m.runtime.createVolume(), containerPath: '/tmp', readOnly: false }],
    })
    expect(await m.exec(id, ['sh', '-c', 'echo x > /x; echo y > /tmp/y; echo z > /dev/null; cat /tmp/y'])).toEqual({
      stdout: 'y\n',
      stderr: "sh: can't create /x: Read-only file system\n",
      code: 0,
    })
  })

  it('tell of processes and the machine under /proc', async () => {
    const m = await makeMachine()
    const id = await m.start({ command: ['sleep', '1000'] })
    expect(
      (
        await m.exec(id, [
          'sh',
          '-c',
          "tr '\\0' ' ' < /proc/1/cmdline; echo; grep -E '^(Name|State|PPid):' /proc/1/status; readlink /proc/self/fd/0; ls /proc/self/fd | wc -l; cut -d' ' -f1 /proc/uptime",
        ])
      ).stdout,
    ).toBe('sleep 1000 \nName:\tsleep\nState:\tS (sleeping)\nPPid:\t0\n/dev/null\n3\n60.00\n')
  })

  it('of the pod say who it is', async () => {
    const m = await makeMachine()
    const id = await m.start()
    expect((await m.exec(id, ['sh', '-c', 'hostname; cat /etc/hostname; head -1 /etc/hosts; tail -1 /etc/resolv.conf'])).stdout).toBe(
      'web\nweb\n127.0.0.1\tlocalhost\noptions ndots:5\n',
    )
  })
})

describe('the network', () => {
  it('is shared by the containers of a pod: one listens, the other fetches', async () => {
    const m = await makeMachine()
    const server = await m.start({
      command: ['sh', '-c', "while :; do printf 'HTTP/1.1 200 OK\\r\\nContent-Length: 6\\r\\n\\r\\nhello\\n' | nc -l -p 8080; done"],
    })
    const client = await m.start({ name: 'client' })
    expect(await m.exec(client, ['wget', '-q', '-O-', 'http://localhost:8080/'], { ms: 5000 })).toEqual({
      stdout: 'hello\n',
      stderr: '',
      code: 0,
    })
    expect((await m.exec(server, ['netstat', '-tln'])).stdout).toContain(
      'tcp        0      0 :::8080                 :::*                    LISTEN      \n',
    )
  })

  it('says what is wrong as wget and curl do', async () => {
    const m = await makeMachine({ images: {} })
    const id = await m.start()
    expect(await m.exec(id, ['wget', 'http://127.0.0.1:81/'], { ms: 5000 })).toEqual({
      stdout: '',
      stderr: "Connecting to 127.0.0.1:81 (127.0.0.1:81)\nwget: can't connect to remote host (127.0.0.1): Connection refused\n",
      code: 1,
    })
    expect(await m.exec(id, ['wget', '-q', 'http://nowhere.example/'], { ms: 30_000 })).toEqual({
      stdout: '',
      stderr: "wget: bad address 'nowhere.example'\n",
      code: 1,
    })
  })
})

describe('a shared process namespace', () => {
  it('has the pause container as PID 1 and shows all processes', async () => {
    const m = await makeMachine({ shareProcessNamespace: true })
    const a = await m.start({ command: ['sleep', '1000'] })
    await m.start({ command: ['sleep', '2000'], name: 'other' })
    expect((await m.exec(a, ['ps', '-o', 'pid,args'])).stdout).toBe(
      '  PID COMMAND\n    1 /pause\n    2 sleep 1000\n    3 sleep 2000\n    4 ps -o pid,args\n',
    )
    await m.exec(a, ['kill', '3'])
    expect((await m.exec(a, ['pidof', 'sleep'])).stdout).toBe('2\n')
  })
})

describe('pulling', () => {
  it('takes time by size, once per node', async () => {
    const m = await makeMachine({ pullBytesPerSecond: 1_000_000 })
    const pulled = m.runtime.pullImage('minikube', 'busybox')
    await m.clock.advance(1999)
    expect(m.runtime.imageStatus('minikube', 'busybox')).toBeUndefined()
    await m.clock.advance(1)
    expect(await pulled).toEqual({
      reference: 'docker.io/library/busybox:latest',
      id: expect.stringMatching(/^docker\.io\/library\/busybox@sha256:[0-9a-f]{64}$/) as string,
      size: 2_000_000,
      placeholder: false,
    })
    await m.runtime.pullImage('minikube', 'busybox')
    expect(m.clock.now()).toBe(START + 2000)
    expect(m.runtime.imageStatus('worker', 'busybox')).toBeUndefined()
  })
})

describe('a hostPath', () => {
  it('is a part of the disk of its node', async () => {
    const m = await makeMachine()
    const disk = (path: string, type: string): ReturnType<typeof m.runtime.hostPathVolume> =>
      m.runtime.hostPathVolume('minikube', path, type)
    expect(() => disk('/data', 'Directory')).toThrow('hostPath type check failed: /data is not a directory')
    const id = await m.start({
      mounts: [
        { volume: disk('/data', 'DirectoryOrCreate'), containerPath: '/all', readOnly: false },
        { volume: disk('/data/sub', ''), containerPath: '/part', readOnly: false },
        { volume: disk('/data/file', 'FileOrCreate'), containerPath: '/one', readOnly: false },
      ],
    })
    expect((await m.exec(id, ['sh', '-c', 'echo x > /part/y; echo z > /one; cat /all/sub/y /all/file'])).stdout).toBe('x\nz\n')
    expect([...m.runtime.hostFiles('minikube', '/data')!.keys()]).toEqual(['file'])
    expect(m.runtime.hostFiles('other', '/data')).toBeUndefined()
  })

  it('can be the root of a process that chroots into the node, with what the node has mounted', async () => {
    const m = await makeMachine({ images: { debian: debianImage } })
    const volume = m.runtime.hostPathVolume('minikube', '/', '')
    const id = await m.start({ image: 'debian', mounts: [{ volume, containerPath: '/host', readOnly: false }] })
    const run = async (script: string): Promise<string> => {
      return (await m.exec(id, ['sh', '-c', `exec 2>&1; ${script}`])).stdout
    }
    const script = 'pwd; cat /etc/hostname; cd ..; ls -d /host; echo x > /tmp/x; readlink /bin; command -v ip'
    expect(await run(`chroot /host sh -c '${script}'`)).toBe(
      "/\nminikube\nls: cannot access '/host': No such file or directory\nusr/bin\n/usr/bin/ip\n",
    )
    expect(await run('ls /host/tmp; test -d /host/proc/1 && echo mounted')).toBe('x\nmounted\n')
    expect(await run('chroot /host chroot /usr bin/ls -d /share; chroot /etc ls /; echo $?')).toBe(
      "/share\nchroot: failed to run command 'ls': No such file or directory\n127\n",
    )
    expect(await run('chroot /none')).toBe("chroot: cannot change root directory to '/none': No such file or directory\n")
    expect(await run('chroot /etc/hosts')).toBe("chroot: cannot change root directory to '/etc/hosts': Not a directory\n")
    const bound = await m.start({ image: 'debian', capabilities: { drop: ['SYS_CHROOT'] } })
    expect((await m.exec(bound, ['chroot', '/', 'true'])).stderr).toBe(
      "chroot: cannot change root directory to '/': Operation not permitted\n",
    )
  })

  it('finds what the operating system of the node has there', async () => {
    const m = await makeMachine()
    const id = await m.start({
      mounts: [
        { volume: m.runtime.hostPathVolume('minikube', '/etc/hosts', 'FileOrCreate'), containerPath: '/etc/hosts', readOnly: false },
        { volume: m.runtime.hostPathVolume('minikube', '/', ''), containerPath: '/host', readOnly: true },
      ],
    })
    expect((await m.exec(id, ['cat', '/etc/hosts'])).stdout).toBe(
      '127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n192.168.49.2\tminikube\n',
    )
    expect((await m.exec(id, ['sh', '-c', 'cat /host/etc/hostname; stat -c %a /host/tmp'])).stdout).toBe('minikube\n1777\n')
    expect(() => m.runtime.hostPathVolume('minikube', '/etc/hosts', 'Socket')).toThrow(
      'hostPath type check failed: /etc/hosts is not a socket file',
    )
  })
})
